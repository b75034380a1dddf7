import { describe, expect, test } from 'vitest'
import { BoundedExpression } from './expression.ts'

const names = ['req', 'res']

describe('a bounded expression', () => {
  test('reads its variables, also inside comprehensions', () => {
    const tags = new BoundedExpression('req.tags.exists(t, t == res.metadata.name) && has(req.tags)', names)
    expect(tags.boolean({ req: { tags: ['a', 'b'] }, res: { metadata: { name: 'b' } } })).toBe(true)
    expect(new BoundedExpression("req.tag.split('.').last().value().contains('x')", names)).toBeDefined()
    expect(new BoundedExpression("string(1) + 'a'", names).text({})).toBe('1a')
  })

  test('refuses names that it is not given, and texts that are no expressions', () => {
    expect(() => new BoundedExpression('event.x == 1', names)).toThrow("undeclared reference to 'event'")
    expect(() => new BoundedExpression('req.x ==', names)).toThrow()
    expect(() => new BoundedExpression(`'${'x'.repeat(20_000)}' == ''`, names)).toThrow('longer than')
  })

  test('is not evaluated when it could cost too much', () => {
    const bomb = new BoundedExpression('req.all(a, req.all(b, req.all(c, a + b + c > 0)))', names)
    expect(() => bomb.boolean({ req: Array.from({ length: 5000 }, () => 1) })).toThrow('could cost more')
    expect(bomb.boolean({ req: [1, 2, 3] })).toBe(true)
  })

  test('gives the type that is asked for, or says what it gave', () => {
    expect(() => new BoundedExpression("'yes'", names).boolean({})).toThrow('expected a boolean, seen string')
    expect(() => new BoundedExpression('true', names).text({})).toThrow('expected a text, seen boolean')
  })

  test('matches take Go patterns that backtrack without end in no time', () => {
    const hostile = new BoundedExpression("req.text.matches('(?i)^A.*$')", names)
    expect(hostile.boolean({ req: { text: 'abc' } })).toBe(true)
  })
})
