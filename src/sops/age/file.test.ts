import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decryptWith, encryptTo } from './file.ts'
import { generateIdentity, parseIdentities, parseRecipient } from './keys.ts'

const pair = () => {
  const { identity, recipient } = generateIdentity()
  return { identity: parseIdentities(identity.reveal())[0]!, recipient: parseRecipient(recipient) }
}

describe('age files', () => {
  it('open with the identity of any of their recipients, and with no other', () => {
    const [ann, bob, eve] = [pair(), pair(), pair()]
    const file = encryptTo([ann.recipient, bob.recipient], Buffer.from('a data key'))
    expect(decryptWith([ann.identity], file)?.toString()).toBe('a data key')
    expect(decryptWith([eve.identity, bob.identity], file)?.toString()).toBe('a data key')
    expect(decryptWith([eve.identity], file)).toBeUndefined()
  })

  it.each([0, 1, 65_535, 65_536, 65_537, 200_000])('carry %i bytes', size => {
    const { identity, recipient } = pair()
    const bytes = Buffer.alloc(size, 7)
    expect(decryptWith([identity], encryptTo([recipient], bytes))?.equals(bytes)).toBe(true)
  })

  it('never give anything but what was sealed, whatever bit is changed', () => {
    const { identity, recipient } = pair()
    const armoured = encryptTo([recipient], Buffer.from('secret'))
    const bytes = Buffer.from(armoured.split('\n').slice(1, -2).join(''), 'base64')
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(bytes)
        changed[at]! ^= flip
        let opened: Buffer | undefined
        try {
          opened = decryptWith([identity], changed)
        } catch {}
        expect(opened).toBeUndefined()
      }),
    )
  })

  it('are refused when they are cut off', () => {
    const { identity, recipient } = pair()
    const armoured = encryptTo([recipient], Buffer.alloc(70_000))
    const bytes = Buffer.from(armoured.split('\n').slice(1, -2).join(''), 'base64')
    expect(() => decryptWith([identity], bytes.subarray(0, -100))).toThrow(/changed or cut off/)
    expect(() => decryptWith([identity], bytes.subarray(0, 50))).toThrow()
  })
})

describe('age keys', () => {
  it('tell a misspelt key by its line, never by its text', () => {
    const key = generateIdentity().identity.reveal()
    const wrong = `${key.slice(0, -1)}${key.endsWith('Q') ? 'P' : 'Q'}`
    expect(() => parseIdentities(`# made today\n\n${wrong}\n`)).toThrow(/checksum/)
    try {
      parseIdentities(`# made today\n\n${wrong}\n`)
    } catch (error) {
      expect(JSON.stringify(error)).toContain('line 3')
      expect(JSON.stringify(error)).not.toContain(wrong.slice(20, 40))
    }
  })

  it('of other kinds are refused by name', () => {
    expect(() => parseIdentities('AGE-PLUGIN-YUBIKEY-1QQQQ')).toThrow(/plugin/)
    expect(() => parseRecipient('age1yubikey1qwerty')).toThrow(/another kind/)
  })
})
