import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../kube/object.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { foreignIn } from './foreign.ts'

const owner = (ids: readonly string[], spec: object = {}) =>
  ({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'infra', namespace: 'flux-system' },
    spec,
    status: { inventory: { entries: ids.map(id => ({ id, v: 'v1' })) } },
  }) as unknown as Kustomization
const release = (status: object, spec: object = {}) =>
  ({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'web', namespace: 'team' },
    spec,
    status,
  }) as unknown as HelmRelease
const chart: KubeObject = {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'HelmChart',
  metadata: {
    name: 'team-web',
    namespace: 'place',
    labels: { 'helm.toolkit.fluxcd.io/name': 'web', 'helm.toolkit.fluxcd.io/namespace': 'team' },
  },
}
const own = 'team_web_helm.toolkit.fluxcd.io_HelmRelease'

describe('a namespace is not deleted with', () => {
  test('what a HelmRelease of others has released into it', () => {
    const inventory = { entries: [{ id: 'place_web_apps_Deployment', v: 'v1' }] }
    expect(foreignIn('place', owner([]), [], [], [release({ inventory })])).toMatchObject({ kind: 'Deployment' })
    expect(foreignIn('place', owner([]), [], [], [release({ history: [{ namespace: 'place' }] })])).toMatchObject({
      kind: 'HelmRelease',
    })
    expect(foreignIn('team', owner([]), [], [], [release({})])).toMatchObject({ kind: 'HelmRelease', name: 'web' })
  })

  test('the chart of a HelmRelease of others', () => {
    expect(foreignIn('place', owner([]), [], [chart], [])).toMatchObject({ kind: 'HelmRelease', name: 'web' })
  })
})

describe('a namespace is deleted with', () => {
  test('releases of its own, their objects and their charts', () => {
    const inventory = { entries: [{ id: 'place_web_apps_Deployment', v: 'v1' }] }
    const mine = [release({ inventory, history: [{ namespace: 'place' }] })]
    expect(foreignIn('place', owner([own]), [], [chart], mine)).toBeUndefined()
    expect(foreignIn('team', owner([own]), [], [], mine)).toBeUndefined()
  })

  test('what others release on another cluster', () => {
    const far = release({ history: [{ namespace: 'place' }] }, { kubeConfig: { secretRef: { name: 'far' } } })
    expect(foreignIn('place', owner([]), [], [], [far])).toBeUndefined()
  })
})
