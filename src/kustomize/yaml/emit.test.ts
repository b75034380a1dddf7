import fc from 'fast-check'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { emitDocument } from './emit.ts'
import { Mapping, Scalar, Sequence, type YamlNode } from './node.ts'
import { objectOf } from './object.ts'
import { parseDocuments } from './parse.ts'

const printed = (text: string): string => parseDocuments(text).map(emitDocument).join('---\n')

describe('emitDocument', () => {
  it('sorts keys, numbers in them by value', () => {
    expect(printed('b: 1\na10: 1\na9: 1\nB: 1\n"1": 1\na-b: 1\n')).toBe('"1": 1\nB: 1\na-b: 1\na9: 1\na10: 1\nb: 1\n')
  })

  it('quotes what YAML 1.1 would read as something else', () => {
    const text =
      'a: "yes"\nb: "1"\nc: "1:30"\nd: ""\ne: "null"\nf: "- x"\ng: "a: b"\nh: "0o7"\ni: "<<"\nj: "2020-01-01"\n'
    expect(printed(text)).toBe(
      'a: "yes"\nb: "1"\nc: "1:30"\nd: ""\ne: "null"\nf: \'- x\'\ng: \'a: b\'\nh: "0o7"\ni: <<\nj: "2020-01-01"\n',
    )
  })

  it('writes numbers as Go does', () => {
    const text =
      'a: 1.0\nb: 123456789.5\nc: 1e21\nd: 0.00001\ne: 0644\nf: 18446744073709551615\ng: 1_000\nh: 08\ni: -0.0\n'
    expect(printed(text)).toBe(
      'a: 1\nb: 1.234567895e+08\nc: 1e+21\nd: 1e-05\ne: 420\nf: 18446744073709551615\ng: 1000\nh: 8\ni: 0\n',
    )
  })

  it('writes texts of several lines as blocks, and as quoted strings where a block cannot hold them', () => {
    expect(printed('a: "x\\n"\nb: "x\\n\\n"\nc: " x\\ny"\nd: "x \\ny"\ne: "\\tx\\ny"\n')).toBe(
      'a: |\n  x\nb: |+\n  x\n\nc: |2-\n   x\n  y\nd: "x \\ny"\ne: "\\tx\\ny"\n',
    )
  })

  it('breaks long lines at the first space after 80 columns', () => {
    const words = Array(30).fill('word').join(' ')
    const lines = printed(`text: ${words}\n`).trimEnd().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]!.length).toBeGreaterThan(80)
    expect(lines[0]!.length).toBeLessThan(86)
    expect(lines[1]).toMatch(/^ {2}word/)
  })

  it('does not indent lists below their key', () => {
    expect(printed('a:\n  - - b\n    - c: [d]\n  - {}\n  - []\n')).toBe('a:\n- - b\n  - c:\n    - d\n- {}\n- []\n')
  })

  it('gives a text that reads back as the same value', () => {
    const text = fc.string({ unit: fc.constantFrom(...'abz019 \n\t:#-?"\'\\é☃{}[],&*!|>%@`~.yn'), maxLength: 60 })
    const scalar = fc.oneof(
      text.map(value => new Scalar(value)),
      fc.integer().map(value => new Scalar(String(value), 'int', true)),
      fc.boolean().map(value => new Scalar(String(value), 'bool', true)),
    )
    const { node } = fc.letrec<{ node: YamlNode }>(tie => ({
      node: fc.oneof(
        { depthSize: 'small' },
        scalar,
        fc.array(tie('node'), { maxLength: 4 }).map(items => new Sequence(items)),
        fc.dictionary(text, tie('node'), { maxKeys: 4 }).map(fields => new Mapping(new Map(Object.entries(fields)))),
      ),
    }))
    fc.assert(
      fc.property(fc.dictionary(text, node, { minKeys: 1, maxKeys: 5 }), fields => {
        const root = new Mapping(new Map(Object.entries(fields)))
        expect(load(emitDocument(root))).toEqual(objectOf(root))
      }),
      { numRuns: 300 },
    )
  })
})
