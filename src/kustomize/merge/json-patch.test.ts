import { describe, expect, it } from 'vitest'
import { emitDocument } from '../yaml/emit.ts'
import type { Mapping } from '../yaml/node.ts'
import { parseDocuments } from '../yaml/parse.ts'
import { applyJsonPatch, parseJsonPatch } from './json-patch.ts'

function patched(text: string, patch: string): string {
  return emitDocument(applyJsonPatch(parseDocuments(text)[0] as Mapping, parseJsonPatch(patch)))
}

describe('applyJsonPatch', () => {
  it('adds, removes, replaces, moves, copies and tests', () => {
    const patch = `
- {op: test, path: /a/0, value: 1}
- {op: add, path: /a/-, value: 3}
- {op: add, path: /a/0, value: 0}
- {op: copy, from: /a, path: /b}
- {op: remove, path: /b/-1}
- {op: move, from: /c, path: /d~1e}
- {op: replace, path: /f, value: {g: yes}}
`
    expect(patched('a: [1, 2]\nc: x\nf: 1\n', patch)).toBe(
      'a:\n- 0\n- 1\n- 2\n- 3\nb:\n- 0\n- 1\n- 2\nd/e: x\nf:\n  g: true\n',
    )
  })

  it('leaves the object as it was when an operation fails', () => {
    const object = parseDocuments('a: 1\n')[0] as Mapping
    const operations = parseJsonPatch('[{"op": "add", "path": "/b", "value": 2}, {"op": "remove", "path": "/c"}]')
    expect(() => applyJsonPatch(object, operations)).toThrow('Unable to remove nonexistent key: c')
    expect(emitDocument(object)).toBe('a: 1\n')
  })

  it('wants JSON where the text starts with a bracket', () => {
    expect(() => parseJsonPatch('[{op: add}]')).toThrow()
  })
})
