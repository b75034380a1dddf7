import { describe, expect, it } from 'vitest'
import { Secret } from '../secrets/secret.ts'
import { hashPassword, verifyNothing, verifyPassword } from './password.ts'

const none = async () => undefined

describe('passwords', () => {
  it('are checked against an argon2id hash, in whichever form a keyboard composes them', async () => {
    const hash = await hashPassword(Secret.of('caf\u00e9 au lait no. 1'))
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await verifyPassword(hash, Secret.of('cafe\u0301 au lait no. 1'))).toBe(true)
    expect(await verifyPassword(hash, Secret.of('cafe au lait no. 1'))).toBe(false)
  })

  it('are hashed with scrypt where the native package does not load', async () => {
    const hash = await hashPassword(Secret.of('correct horse'), none)
    expect(hash).toMatch(/^\$scrypt\$/)
    expect(await verifyPassword(hash, Secret.of('correct horse'), none)).toBe(true)
    expect(await verifyPassword(hash, Secret.of('correct horse'))).toBe(true)
    expect(await verifyPassword(hash, Secret.of('wrong horse'), none)).toBe(false)
  })

  it('of a name that nobody has are wrong', async () => {
    expect(await verifyNothing(Secret.of('anything at all'))).toBe(false)
  })
})
