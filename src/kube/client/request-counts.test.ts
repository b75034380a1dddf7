import { expect, test } from 'vitest'
import { RequestCounts } from './request-counts.ts'

test('requests are counted by method and by what became of them', async () => {
  const counts = new RequestCounts('server:6443')
  const answer = { statusCode: 200, text: 'yes' }
  expect(await counts.of('GET', Promise.resolve(answer))).toBe(answer)
  await counts.of('GET', Promise.resolve(answer))
  await counts.of('PATCH', Promise.resolve({ statusCode: 409 }))
  const broken = new Error('ECONNRESET')
  await expect(counts.of('GET', Promise.reject(broken))).rejects.toBe(broken)
  expect(counts.list()).toEqual([
    { code: '200', method: 'GET', host: 'server:6443', count: 2 },
    { code: '<error>', method: 'GET', host: 'server:6443', count: 1 },
    { code: '409', method: 'PATCH', host: 'server:6443', count: 1 },
  ])
})
