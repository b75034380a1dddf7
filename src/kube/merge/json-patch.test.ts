import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyJsonPatch, maxOperations, parseJsonPatch } from './json-patch.ts'

const patch = (document: unknown, ...operations: { op: string; path: string; from?: string; value?: unknown }[]) =>
  applyJsonPatch(document, operations)

describe('a JSON patch', () => {
  it('adds, replaces, removes, moves, copies and tests', () => {
    const document = { a: '1', b: '2', c: '3', list: [1, 2, 3] }
    expect(
      patch(
        document,
        { op: 'test', path: '/a', value: '1' },
        { op: 'replace', path: '/a', value: '9' },
        { op: 'remove', path: '/b' },
        { op: 'copy', from: '/c', path: '/d' },
        { op: 'move', from: '/c', path: '/e' },
        { op: 'add', path: '/list/1', value: 'x' },
        { op: 'add', path: '/list/-', value: 'end' },
        { op: 'add', path: '/m~1n~0o', value: null },
      ),
    ).toEqual({ a: '9', d: '3', e: '3', list: [1, 'x', 2, 3, 'end'], 'm/n~o': null })
    expect(document).toEqual({ a: '1', b: '2', c: '3', list: [1, 2, 3] })
  })

  it('counts negative indexes from the end and replaces the whole document', () => {
    expect(patch({ l: [1, 2, 3] }, { op: 'remove', path: '/l/-1' })).toEqual({ l: [1, 2] })
    expect(patch({ l: [1] }, { op: 'replace', path: '', value: [0] })).toEqual([0])
  })

  it('takes a copy of its own: changing one of the two leaves the other alone', () => {
    expect(
      patch(
        { a: { x: 1 } },
        { op: 'add', path: '/a/y', value: 2 },
        { op: 'copy', from: '/a', path: '/b' },
        { op: 'add', path: '/b/x', value: 9 },
      ),
    ).toEqual({ a: { x: 1, y: 2 }, b: { x: 9, y: 2 } })
  })

  it('never reaches a prototype', () => {
    const out = patch({}, { op: 'add', path: '/__proto__', value: { polluted: true } }) as object
    expect(Object.keys(out)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(() => patch({}, { op: 'add', path: '/constructor/prototype/x', value: 1 })).toThrow()
  })

  it.each([
    [{ op: 'test', path: '/a', value: 2 }, 'another'],
    [{ op: 'remove', path: '/none' }, 'nothing to remove'],
    [{ op: 'replace', path: '/none', value: 1 }, 'nothing to replace'],
    [{ op: 'add', path: '/none/x', value: 1 }, 'does not exist'],
    [{ op: 'add', path: '/list/4', value: 1 }, 'no index'],
    [{ op: 'add', path: '/list/01', value: 1 }, 'not an index'],
    [{ op: 'move', from: '/list', path: '/list/0' }, 'into itself'],
    [{ op: 'copy', from: '/none', path: '/b' }, 'no value'],
    [{ op: 'fly', path: '/a' }, 'no such operation'],
    [{ op: 'add', path: 'a', value: 1 }, 'not a JSON pointer'],
    [{ op: 'remove', path: '' }, 'whole document'],
  ])('fails as a whole on %j', (operation, text) => {
    const document = { a: 1, list: [1, 2, 3] }
    expect(() => patch(document, { op: 'add', path: '/a', value: 5 }, operation)).toThrow(text)
    expect(() => patch(document, operation)).toThrow(expect.objectContaining({ code: 'E_JSON_PATCH_FAILED' }))
    expect(document).toEqual({ a: 1, list: [1, 2, 3] })
  })

  it('is bounded in operations and in copied bytes', () => {
    const many = Array.from({ length: maxOperations + 1 }, () => ({ op: 'test', path: '' }))
    expect(() => parseJsonPatch(many)).toThrow(expect.objectContaining({ code: 'E_JSON_PATCH_TOO_LARGE' }))
    expect(parseJsonPatch(many.slice(1))).toHaveLength(maxOperations)
    const doubling = Array.from({ length: 40 }, (_, i) => ({ op: 'copy', from: '/a', path: `/a/${i}` }))
    expect(() => applyJsonPatch({ a: { x: 'x'.repeat(1000) } }, doubling)).toThrow(
      expect.objectContaining({ code: 'E_JSON_PATCH_TOO_LARGE' }),
    )
  })

  it('that is no list of operations is refused in Go words', () => {
    const messageOf = (value: unknown) => {
      try {
        return parseJsonPatch(value)
      } catch (error) {
        return (error as { facts: { details: Record<string, unknown> } }).facts.details['message']
      }
    }
    expect(messageOf({ op: 'add' })).toBe(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    )
    expect(messageOf([1])).toBe(
      'error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp',
    )
    expect(messageOf(null)).toEqual([])
  })

  it('that adds and then removes again changes nothing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.jsonValue(), (document, key, value) => {
        fc.pre(!Object.hasOwn(document, key))
        const path = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
        const out = patch(document, { op: 'add', path, value }, { op: 'test', path, value }, { op: 'remove', path })
        expect(JSON.stringify(out)).toBe(JSON.stringify(document))
      }),
    )
  })
})
