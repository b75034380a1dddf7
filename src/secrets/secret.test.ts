import { format, inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { redact, Secret } from './secret.ts'

const text = 'canary-7f3a9d21c4'

describe('a secret', () => {
  const secret = Secret.of(text)

  it('shows nothing in any way that a value can be printed', () => {
    const holder = { secret, list: [secret] }
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify(holder),
      inspect(holder, { depth: 9, showHidden: true }),
      format('%s %o %j', secret, secret, secret),
      secret + '',
      Object.entries(secret).join(),
      new Error(`bad ${secret}`).message,
    ]
    for (const one of shown) expect(one).not.toContain(text)
    expect(JSON.stringify(structuredClone(Object.assign({}, secret)))).not.toContain(text)
  })

  it('gives its text only when asked to', () => expect(secret.reveal()).toBe(text))
})

describe('redaction', () => {
  Secret.of(`${text}/+ä`)

  it.each([
    ['a known secret', `fatal: ${text}/+ä was refused`],
    ['its URL-encoded form', `https://x/?q=${encodeURIComponent(`${text}/+ä`)}`],
    ['its base64 form', `data: ${Buffer.from(`${text}/+ä`).toString('base64')}`],
    ['userinfo in a URL', `https://user:${text}@host/repo.git`],
    ['an authorization header', `Authorization: Bearer ${text}`],
    ['a private token header', `PRIVATE-TOKEN: ${text}`],
    ['a signed query', `https://s3/x?a=1&X-Amz-Signature=${text}`],
  ])('takes out %s', (_, dirty) => expect(redact(dirty)).not.toContain('7f3a9d21c4'))

  it('takes out anything shaped like a token of a Git host', () => {
    const shapes = [`ghp_${'a'.repeat(36)}`, `github_pat_${'b'.repeat(30)}`, `glpat-${'c'.repeat(20)}`]
    for (const shape of shapes) expect(redact(`token ${shape}.`)).toBe('token ***.')
  })

  it('leaves ordinary text alone', () => {
    const plain = 'remote: Repository not found at https://github.com/acme/fleet.git (branch main)'
    expect(redact(plain)).toBe(plain)
  })
})
