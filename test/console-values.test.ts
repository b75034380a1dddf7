import fc from 'fast-check'
import { expect, it } from 'vitest'
import { effectiveValues } from '../src/apps/values.ts'
import { values } from '../web/src/values/arbitrary.ts'
import { over } from '../web/src/values/layers.ts'
import { same } from '../web/src/values/tree.ts'

// The console may not import the server's code, so it has its own: this keeps the two at one meaning.
it('lays values over one another in the console as on the server', () => {
  fc.assert(
    fc.property(values, values, (base, override) => {
      expect(same(over(base, override), effectiveValues(base, override))).toBe(true)
    }),
  )
})
