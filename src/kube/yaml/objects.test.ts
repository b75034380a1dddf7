import { describe, expect, it } from 'vitest'
import { parseObjects } from './objects.ts'

const cm = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })

describe('parseObjects', () => {
  it('takes lists apart, also lists in lists', () => {
    const text = JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        cm('a'),
        { apiVersion: 'v1', kind: 'ConfigMapList', items: [cm('b')] },
        { apiVersion: 'v1', kind: 'List', items: null },
      ],
    })
    expect(parseObjects(text)).toEqual([cm('a'), cm('b')])
  })

  it('leaves a kind alone that only ends in List', () => {
    const text = 'apiVersion: x.y/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {}\n'
    expect(parseObjects(text)).toHaveLength(1)
  })

  it('takes generateName in the place of a name', () => {
    expect(parseObjects('apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n')).toHaveLength(1)
  })

  it.each([
    ['a: 1', 'a text in apiVersion, seen nothing'],
    ['apiVersion: v1\nkind: ""', 'a text in kind, seen an empty text'],
    ['apiVersion: v1\nkind: Pod', 'a mapping in metadata, seen nothing'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {name: 1}', 'a text in metadata.name, seen a number'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {}', 'a text in metadata.name, seen nothing'],
    ['- a', 'a mapping with apiVersion, kind and metadata, seen a list'],
    ['apiVersion: v1\nkind: List\nitems: [1]', 'items[0]'],
  ])('refuses %j and names file, line and field', (text, words) => {
    expect(() => parseObjects(`# c\n${text}\n`, { source: 'f.yaml' })).toThrow(/^f\.yaml:2/)
    expect(() => parseObjects(text)).toThrow(words)
  })
})
