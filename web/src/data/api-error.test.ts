import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ApiError, asApiError, problemOf } from './api-error.ts'

it('takes the server at its word', () => {
  const error = {
    code: 'E_X',
    message: 'No.',
    next: 'Ask again.',
    fields: [{ path: ['values', 'replicas'], message: 'too many' }],
  }
  const problem = new ApiError(422, problemOf(422, { error }))
  expect(problem.message).toBe('No.')
  expect(problem.field('values.replicas')).toBe('too many')
  expect(problem.field('host')).toBeUndefined()
})

it('says something useful whatever a proxy puts into the body', () => {
  fc.assert(
    fc.property(fc.integer({ min: 400, max: 599 }), fc.jsonValue(), (status, body) => {
      const problem = problemOf(status, body)
      expect(problem.code).not.toBe('')
      expect(problem.message).not.toBe('')
    }),
  )
})

it('shows a thrown value of any kind', () => {
  for (const thrown of [new Error('x'), 'x', undefined, null, { a: 1 }])
    expect(asApiError(thrown).code).toBe('E_CONSOLE')
})
