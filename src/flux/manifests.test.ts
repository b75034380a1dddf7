import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube/object.ts'
import { stringifyYaml } from '../kube/yaml/index.ts'
import { fluxKinds } from '../specs/index.ts'
import { fluxOptionsOf } from './from-flags.ts'
import { readManifests } from './manifests.ts'
import { checkFluxOptions, type FluxOptions } from './options.ts'
import { shapeManifests } from './shape.ts'
import { type LookAlike, lookAlikeObjects, lookAlikeText } from './testing/look-alike.ts'

const crds = fluxKinds.map(kind => kind.crd())
const text = lookAlikeText({ crds })
const read = (changed = text) => readManifests(changed, 'gotk.yaml')
const streamOf = (objects: readonly KubeObject[]) => objects.map(stringifyYaml).join('---\n')
const without = (drop: (object: KubeObject) => boolean) =>
  streamOf(lookAlikeObjects({ crds }).filter(object => !drop(object)))
const withObject = (object: KubeObject) => `${text}---\n${stringifyYaml(object)}`
/** The helm-controller's Deployment with other labels. */
const relabelled = (labels: Record<string, string>) =>
  streamOf(
    lookAlikeObjects({ crds }).map(one =>
      one.kind === 'Deployment' && one.metadata.name === 'helm-controller'
        ? { ...one, metadata: { ...one.metadata, labels: { ...one.metadata.labels, ...labels } } }
        : one,
    ),
  )
const objectsWith = (options: Partial<LookAlike>) => lookAlikeObjects({ crds, ...options })
const shaped = (options: FluxOptions, namespace = 'flux-system') => shapeManifests(read(), options, namespace)

describe('manifests of Flux', () => {
  it('are read with their version, namespace and components', () => {
    expect(read()).toMatchObject({
      version: 'v2.9.4',
      namespace: 'flux-system',
      components: ['source-controller', 'kustomize-controller', 'helm-controller', 'notification-controller'],
    })
  })

  it.each<[string, string, string]>([
    [
      'a Secret',
      withObject({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'flux-system' } }),
      'no Secret',
    ],
    [
      'a Pod',
      withObject({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'flux-system' } }),
      'v1 Pod',
    ],
    ['another namespace', text.replace('  namespace: flux-system', '  namespace: other'), 'namespace flux-system'],
    ['an object twice', `${text}---\n${stringifyYaml(lookAlikeObjects({ crds })[0]!)}`, 'each object once'],
    ['no kustomize-controller', without(one => one.metadata.name === 'kustomize-controller'), 'kustomize-controller'],
    [
      'no GitRepository kind',
      without(one => /^gitrepositories/.test(one.metadata.name ?? '')),
      'gitrepositories.source',
    ],
    ['no roles', without(one => one.apiVersion.startsWith('rbac')), 'roles of the controllers'],
    ['two versions', relabelled({ 'app.kubernetes.io/version': 'v2.9.3' }), 'one version'],
    [
      'no version',
      text.replaceAll('app.kubernetes.io/version: v2.9.4', 'app.kubernetes.io/version: latest'),
      'such as v2.9.4',
    ],
    ['somebody else’s Deployment', relabelled({ 'app.kubernetes.io/part-of': 'other' }), 'part-of=flux'],
    [
      'a Deployment without an account',
      text.replaceAll('serviceAccountName: helm-controller', 'serviceAccountName: x'),
      'ServiceAccount',
    ],
    ['text that is no YAML', `${text}\n  :: {[`, 'YAML documents'],
    ['a page of HTML', '<html><body>Sign in</body></html>', 'YAML documents'],
    ['nothing', '', 'one Namespace'],
  ])('with %s are refused', (_, changed, words) => {
    expect(() => read(changed)).toThrow(
      expect.objectContaining({ code: 'E_FLUX_MANIFESTS', message: expect.stringContaining(words) }),
    )
  })

  it('that were cut off anywhere are refused, although what is left may be YAML', () => {
    const lines = text.split('\n')
    const cut = (share: number) => lines.slice(0, Math.floor(lines.length * share)).join('\n')
    for (const share of [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98]) expect(() => read(cut(share)), String(share)).toThrow()
  })
})

describe('options of flux install', () => {
  it('that say nothing leave the text as it is, byte for byte', () => {
    expect(shaped({}).text).toBe(text)
    expect(shaped({ registry: 'ghcr.io/fluxcd', logLevel: 'info', networkPolicy: true }).text).toBe(text)
  })

  it('give what flux generates with the same registry, components and namespace', () => {
    expect(shaped({ registry: 'localhost:5000/mirror/fluxcd' }).objects).toEqual(
      objectsWith({ registry: 'localhost:5000/mirror/fluxcd' }),
    )
    const two = ['source-controller', 'kustomize-controller']
    const fewer = shaped({ components: two })
    expect(fewer.components).toEqual(two)
    const subjects = (objects: readonly KubeObject[]) => objects.filter(one => one.kind !== 'ClusterRoleBinding')
    expect(subjects(fewer.objects)).toEqual(subjects(objectsWith({ components: two })))
    expect(fewer.text).toContain('# Components: source-controller,kustomize-controller\n')
    expect(shaped({}, 'gitops').objects).toEqual(objectsWith({ namespace: 'gitops' }))
  })

  it('keep the tag and the digest of an image when the registry changes', () => {
    const pinned = read(text.replaceAll(':v1.9.4', `:v1.9.4@sha256:${'a'.repeat(64)}`))
    const { objects } = shapeManifests(pinned, { registry: 'registry.example.com' }, 'flux-system')
    expect(imagesOf(objects)[0]).toBe(`registry.example.com/source-controller:v1.9.4@sha256:${'a'.repeat(64)}`)
  })

  it('change arguments in their place, tolerations, pull secrets and policies', () => {
    const { objects } = shaped({
      logLevel: 'debug',
      watchAllNamespaces: false,
      clusterDomain: 'corp.local',
      tolerationKeys: ['dedicated', 'example.com/team'],
      imagePullSecret: 'registry',
      networkPolicy: false,
    })
    const source = objects.find(one => one.metadata.name === 'source-controller' && one.kind === 'Deployment')
    const pod = ((source as KubeObject)['spec'] as { template: { spec: Record<string, unknown> } }).template.spec
    expect(pod).toMatchObject({
      imagePullSecrets: [{ name: 'registry' }],
      tolerations: [
        { key: 'dedicated', operator: 'Exists' },
        { key: 'example.com/team', operator: 'Exists' },
      ],
    })
    expect((pod['containers'] as { args: string[] }[])[0]!.args).toEqual([
      '--events-addr=http://notification-controller.flux-system.svc.corp.local./',
      '--watch-all-namespaces=false',
      '--log-level=debug',
      '--log-encoding=json',
      '--enable-leader-election',
      '--storage-path=/data',
      '--storage-adv-addr=source-controller.$(RUNTIME_NAMESPACE).svc.corp.local.',
    ])
    expect(objects.some(one => one.kind === 'NetworkPolicy')).toBe(false)
  })

  it('without the notification-controller send events nowhere', () => {
    const { objects } = shaped({ components: ['source-controller', 'kustomize-controller', 'helm-controller'] })
    expect(JSON.stringify(objects)).not.toContain('notification-controller.')
    expect(JSON.stringify(objects)).toContain('"--events-addr="')
  })

  it.each<[FluxOptions, string]>([
    [{ version: 'v2.8.0' }, '--version'],
    [{ componentsExtra: ['source-watcher'] }, '--components-extra'],
  ])('%j is refused by name where the manifests have no place for it', (options, flag) => {
    expect(() => shaped(options)).toThrow(
      expect.objectContaining({ code: 'E_FLUX_OPTION', message: expect.stringContaining(flag) }),
    )
  })

  it.each<[string, FluxOptions, string]>([
    [text.replaceAll('--log-level=info', '--v=1'), { logLevel: 'debug' }, '--log-level'],
    [text.replaceAll('--watch-all-namespaces=true', '--x=1'), { watchAllNamespaces: false }, '--watch-all-namespaces'],
    [text.replaceAll('--storage-adv-addr', '--other'), { clusterDomain: 'a.b' }, '--cluster-domain'],
    [
      text.replaceAll('ghcr.io/fluxcd/helm-controller:', 'ghcr.io/fluxcd/helm-patched:'),
      { registry: 'a.b' },
      '--registry',
    ],
    [without(one => one.kind === 'NetworkPolicy'), { networkPolicy: true }, '--network-policy'],
  ])('are refused by name where the manifests lack what they change (%#)', (manifests, options, flag) => {
    expect(() => shapeManifests(read(manifests), options, 'flux-system')).toThrow(
      expect.objectContaining({ code: 'E_FLUX_OPTION', message: expect.stringContaining(flag) }),
    )
  })

  it.each<[Record<string, string>, string]>([
    [{ components: 'helm-controller' }, '--components'],
    [{ components: 'source-controller,kustomize-controller,nothing' }, '--components'],
    [{ 'components-extra': 'flagger' }, '--components-extra'],
    [{ version: '2.9' }, '--version'],
    [{ registry: 'https://ghcr.io/fluxcd' }, '--registry'],
    [{ registry: 'ghcr.io/fluxcd/' }, '--registry'],
    [{ 'image-pull-secret': 'Not_A_Name' }, '--image-pull-secret'],
    [{ 'network-policy': 'perhaps' }, '--network-policy'],
    [{ 'watch-all-namespaces': '' }, '--watch-all-namespaces'],
    [{ 'toleration-keys': 'a b' }, '--toleration-keys'],
    [{ 'log-level': 'trace' }, '--log-level'],
    [{ 'cluster-domain': 'cluster_local' }, '--cluster-domain'],
  ])('%j is refused by name', (flags, flag) => {
    expect(() => checkFluxOptions(fluxOptionsOf(flags))).toThrow(
      expect.objectContaining({ code: 'E_FLUX_OPTION', message: expect.stringContaining(`${flag}`) }),
    )
  })
})

function imagesOf(objects: readonly KubeObject[]): string[] {
  return [...JSON.stringify(objects).matchAll(/"image":"([^"]+)"/g)].map(match => match[1]!)
}
