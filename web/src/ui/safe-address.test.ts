import fc from 'fast-check'
import { expect, it } from 'vitest'
import { safeAddress } from './safe-address.ts'

it.each([['https://github.com/acme'], ['http://127.0.0.1:3000/x?y=z#w']])('lets %s through', address =>
  expect(safeAddress(address)).toBe(address),
)

it.each([
  ['javascript:alert(1)'],
  ['JaVaScRiPt:alert(1)'],
  ['java\nscript:alert(1)'],
  [' javascript:alert(1)'],
  ['data:text/html,<script>alert(1)</script>'],
  ['vbscript:x'],
  ['file:///etc/passwd'],
  ['blob:https://x/1'],
  ['//evil.example'],
  ['/relative'],
  ['https://user:token@github.com/'],
  ['not an address'],
  [''],
])('makes no link of %j', address => expect(safeAddress(address)).toBeUndefined())

it('gives http and https or nothing, whatever it is given', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl(),
        fc.string().map(s => `javascript:${s}`),
      ),
      text => {
        const address = safeAddress(text)
        if (address !== undefined) expect(address).toMatch(/^https?:\/\//)
      },
    ),
  )
})
