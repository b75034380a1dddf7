import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSelector } from './selector.ts'
import { shardOf } from './shard.ts'

describe('a label selector', () => {
  test.each([
    ['sharding.fluxcd.io/key=shard1', { 'sharding.fluxcd.io/key': 'shard1' }, true],
    ['sharding.fluxcd.io/key == shard1', { 'sharding.fluxcd.io/key': 'shard2' }, false],
    ['!sharding.fluxcd.io/key', {}, true],
    ['!sharding.fluxcd.io/key', { 'sharding.fluxcd.io/key': '' }, false],
    ['team', { team: 'x' }, true],
    ['team', undefined, false],
    ['a!=b', {}, true],
    ['a!=b', { a: 'b' }, false],
    ['a in (b, c),d', { a: 'c', d: '' }, true],
    ['a in (b, c),d', { a: 'c' }, false],
    ['a notin (b,c)', {}, true],
    ['a notin (b,c)', { a: 'b' }, false],
    ['a=', { a: '' }, true],
    ['', { any: 'thing' }, true],
    ['constructor', {}, false],
  ])('%j on %j is %j', (selector, labels, matches) => expect(parseSelector(selector)(labels)).toBe(matches))

  test.each(['a=b=c', '=b', 'a in b', 'a in (b', 'a,,b', 'a b', '-a', 'a>1', ','])('%j is refused', selector =>
    expect(() => parseSelector(selector)).toThrow('not a label selector'),
  )

  test('never fails with anything but a clear error', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), text => {
        try {
          parseSelector(text)({ a: 'b' })
        } catch (error) {
          expect((error as { code: string }).code).toBe('E_ENGINE_SELECTOR')
        }
      }),
    )
  })
})

test('shards that together take everything never share an object', () => {
  const shards = [
    'sharding.fluxcd.io/key=one',
    'sharding.fluxcd.io/key=two',
    'sharding.fluxcd.io/key notin (one,two)',
  ].map(shardOf)
  expect(new Set(shards.map(({ leaseName }) => leaseName)).size).toBe(3)
  const labels = fc.option(fc.constantFrom('one', 'two', 'three', ''), { nil: undefined })
  fc.assert(
    fc.property(labels, key => {
      const metadata = { name: 'x', ...(key === undefined ? {} : { labels: { 'sharding.fluxcd.io/key': key } }) }
      const owners = shards.filter(shard => shard.owns({ apiVersion: 'v1', kind: 'X', metadata }))
      expect(owners).toHaveLength(1)
    }),
  )
})
