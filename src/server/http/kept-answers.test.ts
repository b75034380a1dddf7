import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { KeptAnswers } from './kept-answers.ts'

describe('an answer that is kept', () => {
  const schema = z.object({ n: z.number() })

  it('is made once for who asks at once and later, and anew when something that it is made of changed', async () => {
    const kept = new KeptAnswers()
    let made = 0
    const ask = async (facts: readonly unknown[]) => {
      const response = await kept.answer(facts, schema, async () => ({ n: ++made, more: 'not declared' }))
      return [response.headers.get('content-type'), await response.text()]
    }
    const first = ['application/json', '{"n":1}']
    expect(await Promise.all([ask(['a', 1]), ask(['a', 1])])).toEqual([first, first])
    expect(await ask(['a', 1])).toEqual(first)
    expect(await ask(['a', 2])).toEqual(['application/json', '{"n":2}'])
    expect(await ask(['b', 1])).toEqual(['application/json', '{"n":3}'])
  })

  it('is not kept when it could not be made, or is not as declared', async () => {
    const kept = new KeptAnswers()
    const failing = () => kept.answer(['a'], schema, () => Promise.reject(new Error('away')))
    await expect(failing()).rejects.toThrow('away')
    const wrong = async () => ({ n: 'one' }) as unknown as { n: number }
    await expect(kept.answer(['a'], schema, wrong)).rejects.toMatchObject({ code: 'E_INTERNAL' })
    expect(await (await kept.answer(['a'], schema, async () => ({ n: 1 }))).text()).toBe('{"n":1}')
  })
})
