import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bestOf, wordsOf } from './matches.ts'

const titles = ['web', 'webhook', 'prod / web', 'worker', 'shop']
const find = (text: string, most = 10) => bestOf(titles, wordsOf(text), title => ({ title, more: 'staging' }), most)

it('finds what is called so, then what begins so, then what holds it', () => {
  expect(find('WEB')).toEqual(['web', 'webhook', 'prod / web'])
  expect(find('web prod')).toEqual(['prod / web'])
  expect(find('staging wor')).toEqual(['worker'])
})

it('finds nothing without words, and never more than is asked for', () => {
  expect(find('  ')).toEqual([])
  expect(find('w', 2)).toHaveLength(2)
})

it('finds only what holds every word, whatever is typed', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 60 }),
      fc.array(fc.string({ maxLength: 20 }), { maxLength: 20 }),
      (text, all) => {
        const words = wordsOf(text)
        for (const one of bestOf(all, words, title => ({ title }), 5))
          expect(words.every(word => one.toLowerCase().includes(word))).toBe(true)
      },
    ),
  )
})
