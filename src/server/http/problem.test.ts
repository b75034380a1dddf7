import { expect, it } from 'vitest'
import { errorAreas, errorCodesSorted, SluiceError } from '../../base/errors/index.ts'
import { silentLogger } from '../../base/log.ts'
import { problemOf, statusOf } from './problem.ts'

it('no error but a fault of our own is answered with a bare 500, and none but sign-in with a 401', () => {
  const own = new Set(['E_SIGNED_OUT', 'E_SIGN_IN'])
  for (const code of errorCodesSorted()) {
    expect(statusOf(code), code).toBeGreaterThanOrEqual(400)
    if (statusOf(code) === 401) expect(own.has(code), code).toBe(true)
    if (statusOf(code) === 500) expect(code in errorAreas.server || code in errorAreas.general, code).toBe(true)
  }
})

it('gives object, expected, seen and the next step of an error, and a database that is away as 503', () => {
  const error = new SluiceError('E_CONFLICT', { object: 'connection acme', expected: 'one', seen: 'two' })
  expect(problemOf(error, 'r1', silentLogger)).toMatchObject({
    status: 409,
    problem: {
      error: { code: 'E_CONFLICT', object: 'connection acme', expected: 'one', seen: 'two', next: error.next },
    },
  })
  const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  expect(problemOf(away, 'r1', silentLogger)).toMatchObject({
    status: 503,
    problem: { error: { code: 'E_STORE_UNREACHABLE' } },
  })
})
