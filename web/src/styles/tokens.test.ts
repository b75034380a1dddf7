import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')

function theme(name: 'light' | 'dark'): Map<string, string> {
  const block = new RegExp(`:root\\[data-theme="${name}"\\]\\s*\\{([^}]*)\\}`).exec(css)?.[1] ?? ''
  return new Map([...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(m => [m[1]!, m[2]!.trim()]))
}

/** Relative luminance of a hex colour: WCAG 2.2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map(at => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high! + 0.05) / (low! + 0.05)
}

const grounds = ['paper', 'rail-paper', 'sunken', 'hover', 'raised']
const states = ['agreed', 'moving', 'attention', 'broken', 'paused']
const codeInks = ['code-key', 'code-string', 'code-number', 'code-comment']

/** Text and what it stands on: 4.5 to 1 at least. */
const text: [string, string][] = [
  ...['ink', 'ink-2', 'ink-3', 'accent', 'accent-hover', 'danger', ...states].flatMap(ink =>
    grounds.map((ground): [string, string] => [ink, ground]),
  ),
  ...states.map((state): [string, string] => [state, `${state}-soft`]),
  ...states.map((state): [string, string] => ['ink', `${state}-soft`]),
  ...states.map((state): [string, string] => ['ink-2', `${state}-soft`]),
  ...codeInks.flatMap(ink => ['paper', 'sunken', 'added-soft', 'removed-soft'].map((g): [string, string] => [ink, g])),
  ['ink', 'added-soft'],
  ['ink', 'removed-soft'],
  ['added', 'added-soft'],
  ['removed', 'removed-soft'],
  ['accent', 'accent-soft'],
  ['ink', 'accent-soft'],
  ['ink-2', 'accent-soft'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['on-danger', 'danger'],
  ['on-danger', 'danger-hover'],
]

/** Edges of controls and the focus ring: 3 to 1 at least. */
const edges: [string, string][] = ['control-line', 'focus'].flatMap(line =>
  grounds.map((ground): [string, string] => [line, ground]),
)

describe.each(['light', 'dark'] as const)('the %s theme', name => {
  const colours = theme(name)
  const hex = (token: string): string => {
    const value = colours.get(token)
    if (value === undefined || !/^#[0-9a-f]{6}$/.test(value)) throw new Error(`--${token} is no hex colour: ${value}`)
    return value
  }
  it.each(text)('shows %s on %s at 4.5 to 1 or better', (ink, ground) => {
    expect(contrast(hex(ink), hex(ground))).toBeGreaterThanOrEqual(4.5)
  })
  it.each(edges)('draws %s on %s at 3 to 1 or better', (line, ground) => {
    expect(contrast(hex(line), hex(ground))).toBeGreaterThanOrEqual(3)
  })
})

it('gives both themes the same colours to define', () => {
  expect([...theme('dark').keys()].sort()).toEqual([...theme('light').keys()].sort())
})
