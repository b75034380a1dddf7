import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseYamlStream, stringifyYaml } from '../kube/yaml/index.ts'
import { editDocument } from './document-edit.ts'

describe('editing a document', () => {
  it('gives a text back as it is when it has the value already', () => {
    const text = '# head\na:   1 # one\nb: {c: [1,  2]}\nd: ~\n'
    expect(editDocument(text, { a: 1, b: { c: [1, 2] } })).toBe(text)
  })

  it('changes only the places that differ', () => {
    const text = '# head\na: 1 # one\nlist:\n  - name: "x" # first\n    count: 1.20\n  - name: w\nold: 1\n'
    const target = {
      a: 2,
      list: [
        { name: 'x', count: '1.20' },
        { name: 'w', extra: true },
      ],
      new: { deep: 'z' },
    }
    expect(editDocument(text, target)).toBe(
      '# head\na: 2 # one\nlist:\n  - name: "x" # first\n    count: "1.20"\n  - name: w\n    extra: true\nnew:\n  deep: z\n',
    )
  })

  it('writes the document anew when an alias leaves no small change', () => {
    const text = 'a: &x {n: 1}\nb: *x\n'
    const target = { a: { n: 1 }, b: { n: 2 } }
    expect(parseYamlStream(editDocument(text, target))[0]?.value).toEqual(target)
  })

  it('always ends up with the value that was asked for', () => {
    const key = fc.constantFrom('a', 'b', 'name', 'c-d', 'e.f')
    const { tree } = fc.letrec(tie => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('x', 'yes', '1.30', '', 'a: b', '#', 'two\nlines\n'),
        fc.integer({ min: -9, max: 9 }),
        fc.boolean(),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
      ),
    }))
    const mapping = fc.dictionary(key, tree, { maxKeys: 4, noNullPrototype: true })
    fc.assert(
      fc.property(mapping, mapping, (from, to) => {
        fc.pre(Object.keys(from).length > 0)
        const edited = editDocument(stringifyYaml(from), to)
        expect(parseYamlStream(edited)[0]?.value ?? {}).toEqual(to)
      }),
      { numRuns: 200 },
    )
  })
})
