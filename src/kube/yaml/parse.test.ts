import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SluiceError } from '../../base/errors/index.ts'
import { parseYaml, parseYamlStream, type YamlOptions } from './parse.ts'

/** What sigs.k8s.io/yaml v1.6.0 answers for each text, recorded from the real library. */
const golden = JSON.parse(readFileSync(new URL('./testdata/go-dialect.json', import.meta.url), 'utf8')) as {
  yaml: string
  json?: unknown
  error?: boolean
}[]

function failure(input: string | Uint8Array, options?: YamlOptions): SluiceError {
  try {
    parseYamlStream(input, options)
  } catch (error) {
    expect(error).toBeInstanceOf(SluiceError)
    return error as SluiceError
  }
  throw new Error('it was accepted')
}

describe('the dialect', () => {
  it.each(golden.filter(row => !row.error))('reads $yaml as Go does', ({ yaml, json }) => {
    expect(parseYaml(yaml)).toEqual(json)
  })

  it.each(golden.filter(row => row.error))('refuses $yaml as Go does', ({ yaml }) => {
    expect(failure(yaml).code).toBe('E_YAML_SYNTAX')
  })

  it('lets a key of the mapping win over a merged one wherever it stands', () => {
    expect(parseYaml('x: &a {b: 1}\nz:\n  b: 3\n  <<: *a\n')).toEqual({ x: { b: 1 }, z: { b: 3 } })
  })

  it('makes no shared parts out of aliases', () => {
    const value = parseYaml('a: &x {b: [1]}\nc: *x\n') as Record<string, { b: number[] }>
    value['a']!.b.push(2)
    expect(value['c']).toEqual({ b: [1] })
  })

  it('keeps a key named __proto__ as a plain key', () => {
    const value = parseYaml('__proto__: {polluted: yes}\na: &x 1\nb: *x\n') as Record<string, unknown>
    expect(Object.keys(value)).toContain('__proto__')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('parseYamlStream', () => {
  it('cuts at separator lines with blanks, comments and Windows line ends', () => {
    const text = '--- # first\na: 1\n---   \nb: 2\r\n---\r\nc: 3\n---\n'
    expect(parseYamlStream(text)).toEqual([
      { value: { a: 1 }, index: 0, line: 2 },
      { value: { b: 2 }, index: 1, line: 4 },
      { value: { c: 3 }, index: 2, line: 6 },
    ])
  })

  it('does not cut inside block scalars, nor at longer words', () => {
    expect(parseYamlStream('a: |\n  x\n  ---\n  y\n').map(d => d.value)).toEqual([{ a: 'x\n---\ny\n' }])
    expect(parseYamlStream('---a: 1\n').map(d => d.value)).toEqual([{ '---a': 1 }])
    expect(parseYamlStream('a: 1\n---b: 2\n').map(d => d.value)).toEqual([{ a: 1, '---b': 2 }])
    expect(parseYamlStream('a: 1\n---#b: 2\n').map(d => d.value)).toEqual([{ a: 1, '---#b': 2 }])
  })

  it('reads a value that stands behind the separator', () => {
    expect(parseYamlStream('a: 1\n--- {b: 2}\n').map(d => d.value)).toEqual([{ a: 1 }, { b: 2 }])
  })

  it('drops empty documents, comments alone and null', () => {
    expect(parseYamlStream('# nothing\n---\n---\n~\n---\na: 1\n---\n# end\n').map(d => [d.index, d.line])).toEqual([
      [0, 6],
    ])
    expect(parseYamlStream('')).toEqual([])
    expect(parseYaml('# nothing\n')).toBeNull()
  })

  it('reads directives with the document that they belong to', () => {
    expect(parseYamlStream('%YAML 1.1\n# c\n---\na: 1\n---\nb: 2\n').map(d => d.value)).toEqual([{ a: 1 }, { b: 2 }])
  })

  it('reads JSON, also one object after the other', () => {
    expect(parseYaml('{"a":\t"\\ud83d\\ude00",\n\t"b": [1e3]}')).toEqual({ a: '😀', b: [1000] })
    expect(parseYamlStream('{"a":"}"}{"b":2}\n\n{"c":3}').map(d => [d.value, d.line])).toEqual([
      [{ a: '}' }, 1],
      [{ b: 2 }, 1],
      [{ c: 3 }, 3],
    ])
  })

  it('takes off a byte order mark', () => {
    expect(parseYaml(Buffer.from('\ufeffa: é\n'))).toEqual({ a: 'é' })
  })

  it.each([
    ['a key twice', 'a: 1\nb: 2\na: 3\n', { line: 3, column: 1 }],
    ['a tab as indentation', 'a:\n\tb: 1\n', { line: 2 }],
    ['a second document, by its own line', 'a: 1\n---\nb: [1\n---\nc: 1\n', {}],
    ['an alias without anchor', 'a: *x\n', { line: 1 }],
    ['a key twice in JSON', '{"a":1}{"a":1,\n"a":2}', { line: 2 }],
  ])('refuses %s', (_, text, place) => {
    const error = failure(text, { source: 'f.yaml' })
    expect(error.code).toBe('E_YAML_SYNTAX')
    expect(error.message).toMatch(/^f\.yaml:\d+:\d+: the YAML cannot be read: seen /)
    expect(error.facts.details).toMatchObject(place)
  })

  it('says the line within the stream, not within the document', () => {
    expect(failure('a: 1\n---\nb: 1\nb: 2\n', { source: 'f.yaml' }).facts.details).toEqual({ line: 4, column: 1 })
  })

  it('refuses UTF-16, bytes that are not UTF-8 and binary files', () => {
    expect(failure(Buffer.from('\ufeffa: 1', 'utf16le')).code).toBe('E_YAML_ENCODING')
    expect(failure(Buffer.from('a: 1', 'utf16le')).code).toBe('E_YAML_ENCODING')
    expect(failure(Buffer.from([0x61, 0x3a, 0x20, 0xff])).code).toBe('E_YAML_ENCODING')
  })

  it('ends alias bombs, deep nesting and long texts fast', () => {
    let bomb = 'a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n'
    for (let i = 1; i < 12; i++) bomb += `a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(',')}]\n`
    const started = performance.now()
    expect(failure(bomb).code).toBe('E_YAML_LIMIT')
    expect(failure('a: &a [*a]\n').code).toBe('E_YAML_LIMIT')
    expect(failure('['.repeat(100_000)).code).toBe('E_YAML_LIMIT')
    expect(failure('a: 1\n', { maxLength: 3 }).code).toBe('E_YAML_LIMIT')
    let merges = 'm0: &m0 {a0: 1}\n'
    for (let i = 1; i < 2000; i++) merges += `m${i}: &m${i} {<<: *m${i - 1}, a${i}: 1}\n`
    expect(failure(merges).code).toBe('E_YAML_LIMIT')
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  it('never fails with anything but a SluiceError, whatever the text', () => {
    const piece = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '-',
      '---\n',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '<<: ',
      '"',
      "'",
      '|',
      '>',
      '#',
      '%',
      '!',
      '?',
      '\t',
      '\r\n',
      '0',
      '.inf',
      'on',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 30 }).map(parts => parts.join('')),
        ),
        text => {
          try {
            parseYamlStream(text)
          } catch (error) {
            expect(error).toBeInstanceOf(SluiceError)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('parseYaml', () => {
  it('refuses a second document', () => {
    expect(() => parseYaml('a: 1\n---\nb: 1\n', { source: 'f.yaml' })).toThrow(
      'f.yaml:3: the YAML cannot be read: expected one document',
    )
  })
})
