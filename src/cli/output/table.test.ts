import { describe, expect, it } from 'vitest'
import { formatAge } from './age.ts'
import { renderTable } from './table.ts'

describe('a table', () => {
  const columns = [
    { header: 'NAME', value: (row: { name: string; n?: number }) => row.name },
    { header: 'COUNT', value: (row: { name: string; n?: number }) => row.n },
    { header: 'NOTE', value: () => 'x', wide: true },
  ]

  it('aligns columns three spaces apart and says <none> for what is missing', () => {
    expect(renderTable([{ name: 'a', n: 12 }, { name: 'long-name' }], columns)).toBe(
      'NAME        COUNT\na           12\nlong-name   <none>\n',
    )
  })

  it('shows wide columns only when asked', () => {
    expect(renderTable([{ name: 'a', n: 1 }], columns, { wide: true })).toContain('NOTE')
  })

  it('shows escape sequences from outside instead of obeying them', () => {
    const text = renderTable([{ name: '\u001b]0;evil\u0007\u202e' }], columns)
    expect(text).toContain('\\x1b]0;evil\\x07\\u202e')
  })
})

describe('ages', () => {
  const now = new Date('2026-01-10T00:00:00Z')
  it.each([
    [45, '45s'],
    [192, '3m12s'],
    [47 * 60, '47m'],
    [5 * 3600 + 120, '5h2m'],
    [31 * 3600, '31h'],
    [76 * 3600, '3d4h'],
    [12 * 86400, '12d'],
  ])('of %d seconds is %s', (seconds, text) => {
    expect(formatAge(new Date(now.getTime() - seconds * 1000).toISOString(), now)).toBe(text)
  })
})
