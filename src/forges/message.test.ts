import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messageOf } from './message.ts'

describe("a host's own words", () => {
  it.each([
    [
      'GitHub',
      { message: 'Validation Failed', errors: [{ resource: 'Key', code: 'custom', message: 'key is in use' }] },
      'Validation Failed: key is in use',
    ],
    [
      'GitLab, fields',
      { message: { name: ['has already been taken'], path: ['is bad'] } },
      'name has already been taken: path is bad',
    ],
    [
      'GitLab, a token',
      { error: 'invalid_token', error_description: 'Token was revoked.' },
      'invalid_token: Token was revoked.',
    ],
    [
      'Bitbucket Cloud',
      { type: 'error', error: { message: 'lack scopes', detail: { required: ['a'], granted: ['b'] } } },
      'lack scopes: required a: granted b',
    ],
    ['Bitbucket Data Center', { errors: [{ context: null, message: 'taken', exceptionName: 'x' }] }, 'taken'],
    ['Azure DevOps', { $id: '1', message: 'TF401019', typeKey: 'x' }, 'TF401019'],
    ['nothing', undefined, ''],
  ])('%s', (_host, body, text) => expect(messageOf(body)).toBe(text))

  it('are bounded, of one line and never a failure, whatever the host sends', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (message, errors, error) => {
        const text = messageOf({ message, errors, error })
        expect(text.length).toBeLessThan(2000)
        expect(text).not.toMatch(/[\x00-\x1f]/)
      }),
    )
  })
})
