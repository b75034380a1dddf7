import { describe, expect, it } from 'vitest'
import { valueProblems } from './check-values.ts'

const long = 'a'.repeat(40)

describe('the schema of a chart', () => {
  it('says what is wrong by path, with patterns as Go has them', () => {
    const schema = {
      properties: {
        name: { type: 'string', pattern: '(?i)^[a-z]+$' },
        tags: { patternProperties: { '^x-': { type: 'number' } } },
      },
    }
    expect(valueProblems(schema, { name: 'ABC', tags: { 'x-a': 1, b: 'c' } })).toEqual([])
    expect(valueProblems(schema, { name: 'A1', tags: { 'x-a': 'no' } }).map(one => one.path)).toEqual([
      ['name'],
      ['tags', 'x-a'],
    ])
  })

  it('cannot hold the server up by a pattern, a web of references, or a list that is compared with itself', () => {
    const web: Record<string, unknown> = { d30: { type: 'string' } }
    for (let i = 0; i < 30; i++)
      web[`d${i}`] = { anyOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] }
    const hostile: [Record<string, unknown>, Record<string, unknown>][] = [
      [{ properties: { a: { pattern: '^(a+)+$' } } }, { a: `${long}!` }],
      [{ properties: { a: { pattern: '^(\\w|a)*\\d$' } } }, { a: `${long}!` }],
      [{ $defs: web, properties: { a: { $ref: '#/$defs/d0' } } }, { a: 1 }],
      [
        { properties: { a: { uniqueItems: true, items: { type: 'object' } } } },
        { a: Array.from({ length: 20_000 }, (_, i) => ({ x: { y: i } })) },
      ],
    ]
    const started = performance.now()
    for (const [schema, values] of hostile) {
      valueProblems(schema, values)
      valueProblems(schema, values)
    }
    // Each is given up after a second at most, and once: without that it would be hours.
    expect(performance.now() - started).toBeLessThan(30_000)
  }, 60_000)

  it('is not used when it is no schema', () => {
    expect(valueProblems({ type: 'nonsense' }, {})).toEqual([])
    expect(valueProblems({ properties: { a: { pattern: '(?=x)' } } }, { a: 'y' })).toEqual([])
  })
})
