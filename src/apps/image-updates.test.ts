import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { imagePlace, imagesIn, newerTags } from './image-updates.ts'

describe('images of values', () => {
  it('are maps with a repository and a tag or digest, wherever they stand', () => {
    const found = imagesIn({
      image: { repository: 'ghcr.io/acme/shop', tag: '1.0.0' },
      sidecar: { proxy: { image: { registry: 'quay.io', repository: 'proxy/envoy', tag: 1.29, digest: '' } } },
      git: { repository: 'https://github.com/acme/shop' },
      chart: { repository: 'nginx' },
      list: [{ repository: 'ghcr.io/no/list', tag: '1' }],
    })
    expect(found.map(({ path, name, tag }) => [path.join('.'), name, tag])).toEqual([
      ['image', 'ghcr.io/acme/shop', '1.0.0'],
      ['sidecar.proxy.image', 'quay.io/proxy/envoy', '1.29'],
    ])
  })

  it.each([
    ['nginx', 'docker.io', 'library/nginx'],
    ['acme/shop', 'docker.io', 'acme/shop'],
    ['localhost/shop', 'localhost', 'shop'],
    ['127.0.0.1:5000/a/b', '127.0.0.1:5000', 'a/b'],
  ])('of %s are in %s', (name, host, repository) => {
    expect(imagePlace(name)).toEqual({ host, repository })
  })

  it.each(['', 'Acme/Shop', 'a b', 'ghcr.io/', '../x', 'user:pw@host.io/x', 'host.io/a?b'])('%j is none', name => {
    expect(imagePlace(name)).toBeUndefined()
  })

  it('never take long, and never find more than a page shows', () => {
    fc.assert(fc.property(fc.object({ maxDepth: 6 }), values => imagesIn(values as never).length <= 20))
  })
})

describe('newer tags', () => {
  it('have greater numbers and the same form', () => {
    const tags = ['1.2.2', '1.2.3', '1.10.0', '1.9.0-alpine', '2', '2.0', 'v1.4.0', 'latest', '1.3.0', '1.3.0']
    expect(newerTags('1.2.3', tags)).toEqual({ tags: ['1.10.0', '1.3.0'], ordered: true })
    expect(newerTags('1.2.3-alpine', tags)).toEqual({ tags: ['1.9.0-alpine'], ordered: true })
    expect(newerTags('v1.2', ['v1.3', 'v1.10', '1.11', 'v1.2.9'])).toEqual({ tags: ['v1.10', 'v1.3'], ordered: true })
  })

  it('of a tag that is no version are the others, which nothing orders', () => {
    const signature = `sha256-${'a'.repeat(64)}.sig`
    expect(newerTags('main', ['main', 'beta', 'canary', signature])).toEqual({
      tags: ['canary', 'beta'],
      ordered: false,
    })
  })

  it('are never the one in use, and never older', () => {
    const tag = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)).map(parts => parts.join('.'))
    fc.assert(
      fc.property(tag, fc.array(tag), (now, tags) => {
        const order = (text: string) => text.split('.').reduce((sum, part) => sum * 100 + Number(part), 0)
        const { tags: found } = newerTags(now, tags)
        return found.every((one, i) => order(one) > order(now) && (i === 0 || order(one) < order(found[i - 1]!)))
      }),
    )
  })
})
