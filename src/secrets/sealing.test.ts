import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSealer } from './sealing.ts'

describe('sealing', () => {
  it('opens what it sealed, whatever the bytes', () => {
    const sealer = createSealer(randomBytes(32))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.string(), (plain, place) => {
        expect(sealer.unseal(sealer.seal(plain, place), place)).toEqual(Buffer.from(plain))
      }),
    )
  })

  it('refuses another key, another place and changed data', () => {
    const sealer = createSealer(randomBytes(32))
    const sealed = sealer.seal('token', 'secrets/a')
    expect(() => createSealer(randomBytes(32)).unseal(sealed, 'secrets/a')).toThrow(/cannot be opened/)
    expect(() => sealer.unseal(sealed, 'secrets/b')).toThrow(/cannot be opened/)
    for (let i = 0; i < sealed.length; i++) {
      const changed = Buffer.from(sealed)
      changed[i]! ^= 1
      expect(() => sealer.unseal(changed, 'secrets/a')).toThrow(/cannot be opened/)
    }
  })

  it('never gives the same bytes twice and never holds the plain text', () => {
    const sealer = createSealer(randomBytes(32))
    const one = sealer.seal('a-secret-token', 'x')
    expect(one.equals(sealer.seal('a-secret-token', 'x'))).toBe(false)
    expect(one.includes('a-secret-token')).toBe(false)
  })

  it('refuses a key of the wrong size', () => {
    expect(() => createSealer(randomBytes(16))).toThrow(/32 bytes/)
  })
})
