import { expect, test } from 'vitest'
import { rewrite } from './session.ts'

const there = { releaseNamespace: 'made', storageNamespace: 'apps' }
const to = (method: string, target: string, body?: string) =>
  rewrite(method, target, body === undefined ? undefined : Buffer.from(body, 'latin1'), there)

test('the storage of helm goes to its own namespace', () => {
  expect(to('GET', '/api/v1/namespaces/made/secrets?labelSelector=name%3Da%2Cowner%3Dhelm').target).toBe(
    '/api/v1/namespaces/apps/secrets?labelSelector=name%3Da%2Cowner%3Dhelm',
  )
  expect(to('PUT', '/api/v1/namespaces/made/secrets/sh.helm.release.v1.a.v1', '{}')).toEqual({
    target: '/api/v1/namespaces/apps/secrets/sh.helm.release.v1.a.v1',
    stores: true,
  })
  const protobuf = 'k8s\0 v1 Secret sh.helm.release.v1.a.v1 helm.sh/release.v1'
  expect(to('POST', '/api/v1/namespaces/made/secrets', protobuf)).toEqual({
    target: '/api/v1/namespaces/apps/secrets',
    stores: true,
  })
})

test('all other Secrets stay where the chart puts them', () => {
  for (const [method, target, body] of [
    ['POST', '/api/v1/namespaces/made/secrets', '{"type":"Opaque","x":"helm.sh/release.v1 sh.helm.release.v1."}'],
    ['PATCH', '/api/v1/namespaces/made/secrets/mine', '{}'],
    ['GET', '/api/v1/namespaces/made/secrets?labelSelector=owner%3Dme', undefined],
    ['GET', '/api/v1/namespaces/other/secrets/sh.helm.release.v1.a.v1', undefined],
  ] as const) {
    expect(to(method, target, body)).toEqual({ target, stores: false })
  }
})

test('fields are owned by the manager of Flux', () => {
  expect(to('PATCH', '/api/v1/namespaces/made/configmaps/a?fieldManager=helm&force=true').target).toBe(
    '/api/v1/namespaces/made/configmaps/a?fieldManager=helm-controller&force=true',
  )
})
