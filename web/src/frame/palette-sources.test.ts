import { expect, it } from 'vitest'
import { filterEntries } from './palette-sources.ts'

const entry = (title: string, words: string[] = []) => ({ id: title, title, words, run: { to: '/' } })
const entries = [entry('Go to fleet', ['clusters']), entry('Fleet'), entry('Applications')]

it('finds by every word, wherever it stands, and puts titles that begin with it first', () => {
  expect(filterEntries(entries, 'FLEET').map(e => e.title)).toEqual(['Fleet', 'Go to fleet'])
  expect(filterEntries(entries, 'fleet clus').map(e => e.title)).toEqual(['Go to fleet'])
  expect(filterEntries(entries, 'nothing')).toEqual([])
})

it('keeps the order when nothing is typed', () => {
  expect(filterEntries(entries, ' ').map(e => e.title)).toEqual(entries.map(e => e.title))
})
