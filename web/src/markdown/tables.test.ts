import fc from 'fast-check'
import { expect, it } from 'vitest'
import { withTables } from './tables.ts'

it('finds the table between the texts', () => {
  expect(withTables('# Values\n\n| name | default |\n|:--|---|\n| a | `1` |\n| b \\| c |\n\nafter')).toEqual([
    { kind: 'text', text: '# Values\n' },
    {
      kind: 'table',
      head: ['name', 'default'],
      rows: [
        ['a', '`1`'],
        ['b | c', ''],
      ],
    },
    { kind: 'text', text: '\nafter' },
  ])
})

it('leaves code alone', () => {
  const text = '```\na | b\n--|--\n1 | 2\n```'
  expect(withTables(text)).toEqual([{ kind: 'text', text }])
})

it('is quick and loses no line of what is no table', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('|', '-', ':', ' ', '\n', 'a', '`', '\\') }), text => {
      const parts = withTables(text)
      if (parts.every(part => part.kind === 'text') && text.trim() !== '') {
        expect(parts.map(part => (part.kind === 'text' ? part.text : '')).join('')).toBe(text)
      }
    }),
  )
  expect(withTables(`a|b\n-|-\n${'|'.repeat(50_000)}`)).toHaveLength(1)
  expect(withTables(`${'-|'.repeat(100_000)}x\n${'-|'.repeat(100_000)}x`)).toHaveLength(1)
})
