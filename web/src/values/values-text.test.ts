import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Path, same, type Values, valueAt, withAt, withoutAt } from './tree.ts'
import { editText, readValues, writeValues } from './values-text.ts'

const key = fc.oneof(
  fc.constantFrom('image', 'tag', 'yes', 'on', '1', 'a.b/c', '', ' x ', '#', '- a', 'null', '__proto__', 'é'),
  fc.string({ maxLength: 6 }),
)
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    'yes',
    'no',
    'on',
    '0777',
    '1:20',
    '1e3',
    '~',
    'null',
    '',
    ' ',
    '# not',
    'a: b',
    '- x',
    '*a',
    '&b',
    0,
    -1,
    1.5,
  ),
  fc.string({ maxLength: 20 }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('two\nlines', 'ends\n', '\n', 'tab\tin', ' lead\n  more', 'x'.repeat(200)),
)
const tree = fc.letrec(tie => ({
  value: fc.oneof({ maxDepth: 3, depthIdentifier: 'v' }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('map')),
  map: fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map(entries => {
    const out = {}
    for (const [k, v] of entries) {
      Object.defineProperty(out, k, { value: v, enumerable: true, configurable: true, writable: true })
    }
    return out
  }),
}))
const values = tree.map as fc.Arbitrary<Values>
const path = fc.array(key, { minLength: 1, maxLength: 3 }) as fc.Arbitrary<Path>

describe('values as YAML and back', () => {
  it('loses nothing', () => {
    fc.assert(
      fc.property(values, given => {
        const read = readValues(writeValues(given))
        expect(read.problems).toEqual([])
        expect(same(read.values, given)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('changes one place when the form does, and nothing else', () => {
    fc.assert(
      fc.property(values, path, tree.value, (given, at, value) => {
        const after = readValues(editText(writeValues(given), at, value)).values
        expect(same(after, withAt(given, at, value))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('takes one place away, and what is empty without it', () => {
    fc.assert(
      fc.property(values, path, (given, at) => {
        const after = readValues(editText(writeValues(given), at, undefined)).values
        expect(same(after, withoutAt(given, at))).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('brings back the values when a change is undone', () => {
    fc.assert(
      fc.property(values, path, scalar, (given, at, value) => {
        const before = valueAt(given, at)
        fc.pre(before !== undefined)
        const text = editText(writeValues(given), at, value)
        expect(same(readValues(editText(text, at, before)).values, given)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('never throws, whatever is typed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'{}[]:-&*!|>%@,#"\'ab1 \n') })), text => {
        const read = readValues(text)
        expect(read.values !== undefined || read.problems.length > 0).toBe(true)
        expect(readValues(editText(text, ['a'], 1)).values === undefined).toBe(read.values === undefined)
      }),
      { numRuns: 500 },
    )
  })
})

describe('the text', () => {
  const text = `# what runs
image:
  tag: "1.27" # keep it quoted
  repository: nginx

replicas: 2
`

  it('keeps its comments and its order under a change of the form', () => {
    expect(editText(text, ['image', 'tag'], '1.28')).toBe(text.replace('1.27', '1.28'))
    expect(editText(text, ['replicas'], 5)).toBe(text.replace('replicas: 2', 'replicas: 5'))
  })

  it('loses the maps that a removal leaves empty', () => {
    expect(editText('image:\n  tag: x\n', ['image', 'tag'], undefined)).toBe('')
    expect(editText('a: 1\nimage:\n  tag: x\n', ['image', 'tag'], undefined)).toBe('a: 1\n')
  })

  it('quotes what older readers take for something else', () => {
    expect(editText('', ['a'], 'yes')).toBe('a: "yes"\n')
    expect(editText('', ['a'], '0777')).toBe('a: "0777"\n')
  })

  it('knows where each value is, and what is at a line', () => {
    const read = readValues(text)
    expect(read.lineOf(['image', 'repository'])).toBe(4)
    expect(read.lineOf(['image', 'digest'])).toBe(2)
    expect(read.pathAt(3)).toEqual(['image', 'tag'])
    expect(read.pathAt(6)).toEqual(['replicas'])
  })

  it('says where it cannot be read', () => {
    expect(readValues('a: 1\nb: [\n').problems[0]!.line).toBeGreaterThan(1)
    expect(readValues('- a\n').problems[0]!.message).toContain('map of keys')
    expect(readValues('a: 1\na: 2\n').problems[0]!.line).toBe(2)
  })

  it('refuses a bomb of aliases', () => {
    let bomb = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n'
    for (let n = 1; n < 9; n++) bomb += `a${n}: &a${n} [${`*a${n - 1}, `.repeat(10)}]\n`
    expect(readValues(bomb).values).toBeUndefined()
  })
})
