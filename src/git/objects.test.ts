import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commitObject, newObject, parseCommit, parseTree, treeObject } from './objects.ts'

const hex = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytes => Buffer.from(bytes).toString('hex'))
const entry = fc.record({
  name: fc.string({ minLength: 1 }).filter(text => !/[\0/]/.test(text) && !/\p{Surrogate}/u.test(text)),
  mode: fc.constantFrom('100644', '100755', '120000', '40000', '160000'),
  id: hex,
})
const author = { name: 'Mona', email: 'mona@example.com' }

describe('git objects', () => {
  it('have the ids that git gives them', () => {
    expect(newObject('blob', Buffer.from('hello\n')).id).toBe('ce013625030ba8dba906f756967f9e9ca394464a')
    expect(treeObject([]).id).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904')
  })

  it('of kind tree come back as they went in, sorted as git sorts', () => {
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: item => item.name }), entries => {
        const back = parseTree(treeObject(entries).bytes)
        expect([...back].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
          [...entries].sort((a, b) => (a.name < b.name ? -1 : 1)),
        )
      }),
    )
    const names = ['a', 'a.b', 'a-b', 'a0'].map(name => ({
      name,
      mode: name === 'a' ? '40000' : '100644',
      id: '0'.repeat(40),
    }))
    expect(parseTree(treeObject(names).bytes).map(item => item.name)).toEqual(['a-b', 'a.b', 'a', 'a0'])
  })

  it('of kind tree that are cut off are read as far as they go', () => {
    const { bytes } = treeObject([{ name: 'a', mode: '100644', id: '1'.repeat(40) }])
    fc.assert(
      fc.property(fc.nat(bytes.length), cut => {
        expect(parseTree(bytes.subarray(0, cut)).length).toBe(cut === bytes.length ? 1 : 0)
      }),
    )
  })

  it('of kind commit come back with subject and body apart', () => {
    const date = new Date('2026-01-02T03:04:05Z')
    const made = commitObject({
      tree: 'a'.repeat(40),
      parents: ['b'.repeat(40)],
      author,
      committer: author,
      date,
      message: 'Scale\n\nFrom 1\nto 3\n\n',
    })
    expect(parseCommit(made.id, made.bytes)).toEqual({
      sha: made.id,
      tree: 'a'.repeat(40),
      parents: ['b'.repeat(40)],
      author,
      date: '2026-01-02T03:04:05.000Z',
      subject: 'Scale',
      body: 'From 1\nto 3',
    })
  })

  it('of kind commit keep an author from writing into other fields', () => {
    const evil = { name: 'x <y> 1 +0000\ncommitter evil', email: 'a@b>\nparent x' }
    const made = commitObject({
      tree: 'a'.repeat(40),
      parents: [],
      author: evil,
      committer: author,
      date: new Date(0),
      message: 'm',
    })
    const lines = made.bytes.toString().split('\n')
    expect(lines.map(line => line.split(' ')[0])).toEqual(['tree', 'author', 'committer', '', 'm', ''])
  })

  it('of kind commit never make the reader fail, whatever their bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        expect(parseCommit('x', Buffer.from(bytes)).date).toMatch(/Z$/)
      }),
    )
  })
})
