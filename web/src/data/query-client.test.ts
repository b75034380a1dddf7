import { describe, expect, it } from 'vitest'
import { ApiError, problemOf } from './api-error.ts'
import { isWorthAnotherTry } from './query-client.ts'

describe('a question that failed', () => {
  const failed = (status: number, code?: string) =>
    new ApiError(status, code === undefined ? problemOf(status, '') : { code, message: 'It failed.', next: 'Mend it.' })

  it('is asked again where the server was not reached, or is busy', () => {
    for (const status of [0, 429, 502, 503, 504]) expect(isWorthAnotherTry(failed(status)), String(status)).toBe(true)
    expect(isWorthAnotherTry(failed(503, 'E_SERVER_BUSY'))).toBe(true)
  })

  it('is not where the server has an answer, also about another host', () => {
    for (const status of [400, 401, 403, 404, 409, 500])
      expect(isWorthAnotherTry(failed(status)), String(status)).toBe(false)
    expect(isWorthAnotherTry(failed(502, 'E_FORGE_REPOSITORY_MISSING'))).toBe(false)
  })
})
