import { expect, it } from 'vitest'
import { verbOf } from './palette-actions.ts'

it('takes a verb before a name, and a name that is one as a name', () => {
  expect(verbOf('Scale web')).toEqual({ verb: 'scale', rest: 'web' })
  expect(verbOf('scaler')).toEqual({ verb: undefined, rest: 'scaler' })
  expect(verbOf(' reconcile ')).toEqual({ verb: 'reconcile', rest: '' })
})
