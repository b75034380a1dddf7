import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SluiceError } from '../base/errors/index.ts'
import { parseYamlStream } from '../kube/yaml/index.ts'
import { type FleetTreeInput, fleetTree } from './fleet-tree.ts'
import { clusterPaths, fleetDefaults, fleetFolder, syncPaths } from './paths.ts'

const crd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.example.org', annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' } },
  spec: { group: 'example.org', names: { kind: 'Thing', plural: 'things' }, scope: 'Namespaced', versions: [] },
}

const input: FleetTreeInput = {
  systemNamespace: 'flux-system',
  url: 'https://github.com/acme/fleet',
  branch: 'main',
  clusterConfigPath: 'clusters/mgmt',
  components: { version: '1.2.3', crds: [crd] },
  clusters: [
    { name: 'mgmt', spec: 'kind: Cluster # mgmt\n' },
    { name: 'prod', spec: 'kind: Cluster # prod\n' },
  ],
}

const golden = (name: string): string => readFileSync(`src/layout/testdata/${name}`, 'utf8')

describe('the tree of a fleet', () => {
  it('has exactly the files of EKS Anywhere', () => {
    expect([...fleetTree(input).keys()]).toEqual([
      'clusters/mgmt/flux-system/gotk-components.yaml',
      'clusters/mgmt/flux-system/gotk-sync.yaml',
      'clusters/mgmt/flux-system/kustomization.yaml',
      'clusters/mgmt/mgmt/eksa-system/eksa-cluster.yaml',
      'clusters/mgmt/mgmt/eksa-system/kustomization.yaml',
      'clusters/mgmt/prod/eksa-system/eksa-cluster.yaml',
      'clusters/mgmt/prod/eksa-system/kustomization.yaml',
    ])
  })

  it('has the texts of the golden files', () => {
    const files = fleetTree(input)
    const folder = 'clusters/mgmt/flux-system'
    expect(files.get(`${folder}/gotk-components.yaml`)).toBe(golden('gotk-components.yaml'))
    expect(files.get(`${folder}/gotk-sync.yaml`)).toBe(golden('gotk-sync.yaml'))
    expect(files.get(`${folder}/kustomization.yaml`)).toBe(golden('kustomization.yaml'))
    expect(files.get('clusters/mgmt/prod/eksa-system/kustomization.yaml')).toBe(golden('cluster-kustomization.yaml'))
    expect(files.get('clusters/mgmt/prod/eksa-system/eksa-cluster.yaml')).toBe('kind: Cluster # prod\n')
  })

  it('leaves the components to real Flux when that is the engine', () => {
    const files = fleetTree({ ...input, components: undefined })
    expect([...files.keys()].some(path => path.endsWith('gotk-components.yaml'))).toBe(false)
    expect(files.get('clusters/mgmt/flux-system/gotk-sync.yaml')).toBe(golden('gotk-sync.yaml'))
  })

  it('follows every setting in gotk-sync.yaml', () => {
    const other = {
      ...input,
      systemNamespace: 'gitops',
      branch: 'fleet/1',
      clusterConfigPath: './',
      secretName: null,
      sourceInterval: '30s',
    }
    const [source, applied] = parseYamlStream(fleetTree(other).get('gitops/gotk-sync.yaml')!).map(
      document => document.value,
    )
    expect(source).toMatchObject({
      metadata: { name: 'gitops', namespace: 'gitops' },
      spec: { interval: '30s', ref: { branch: 'fleet/1' } },
    })
    expect((source as { spec: object }).spec).not.toHaveProperty('secretRef')
    expect(applied).toMatchObject({ spec: { path: './', sourceRef: { name: 'gitops' } } })
    expect([...fleetTree(other).keys()]).toContain('prod/eksa-system/eksa-cluster.yaml')
  })

  it('gives everything in the components the labels of flux install', () => {
    const text = fleetTree(input).get('clusters/mgmt/flux-system/gotk-components.yaml')!
    for (const { value } of parseYamlStream(text)) {
      expect((value as typeof crd & { metadata: { labels: object } }).metadata.labels).toMatchObject({
        'app.kubernetes.io/instance': 'flux-system',
        'app.kubernetes.io/part-of': 'flux',
        'app.kubernetes.io/version': 'v1.2.3',
      })
    }
    expect(crd.metadata).not.toHaveProperty('labels')
  })
})

describe('paths', () => {
  it('are brought into plain form', () => {
    expect(fleetFolder('./clusters//mgmt/')).toBe('clusters/mgmt')
    expect(fleetFolder('.')).toBe('')
    expect(fleetDefaults.clusterConfigPath('mgmt')).toBe('clusters/mgmt')
    expect(clusterPaths('a/', 'prod')).toEqual({
      root: 'a/prod',
      folder: 'a/prod/eksa-system',
      spec: 'a/prod/eksa-system/eksa-cluster.yaml',
      kustomization: 'a/prod/eksa-system/kustomization.yaml',
    })
    expect(syncPaths({ clusterConfigPath: '', systemNamespace: 'flux-system' }).sync).toBe('flux-system/gotk-sync.yaml')
  })

  for (const path of ['/a', 'a/../b', '..', 'a\\b', '.git', 'x/.GIT/y']) {
    it(`cannot be ${path}`, () => expect(() => fleetFolder(path)).toThrow(SluiceError))
  }

  for (const name of ['', '..', 'a/b', 'A', 'a'.repeat(64)]) {
    it(`cannot have the name ${JSON.stringify(name)} in them`, () => {
      expect(() => clusterPaths('clusters', name)).toThrow(/cannot be a place of a cluster/)
      expect(() => syncPaths({ clusterConfigPath: 'clusters', systemNamespace: name })).toThrow(SluiceError)
    })
  }
})
