import { describe, expect, it } from 'vitest'
import { memoryTree } from '../../base/file-tree.ts'
import { readManifests } from '../../flux/index.ts'
import { lookAlikeText } from '../../flux/testing/look-alike.ts'
import type { KubeObject } from '../../kube/object.ts'
import { componentsFile, syncFiles } from '../../layout/index.ts'
import { fluxKinds } from '../../specs/index.ts'
import { embeddedComponents } from '../desired-files.ts'
import type { BootstrapContext } from '../types.ts'
import { type EngineName, switchFacts } from './facts.ts'

const crds = fluxKinds.map(kind => kind.crd())
const image = {
  ...crds[0]!,
  metadata: { name: 'imagepolicies.image.toolkit.fluxcd.io' },
  spec: {
    ...(crds[0]!['spec'] as object),
    group: 'image.toolkit.fluxcd.io',
    names: { kind: 'ImagePolicy', listKind: 'ImagePolicyList', plural: 'imagepolicies', singular: 'imagepolicy' },
  },
} as KubeObject
const four = ['source-controller', 'kustomize-controller', 'helm-controller', 'notification-controller']
const plain = lookAlikeText({ crds })
const withImages = lookAlikeText({ crds: [...crds, image], components: [...four, 'image-reflector-controller'] })
const ours = componentsFile('flux-system', embeddedComponents())
const folder = 'clusters/prod/flux-system'

const facts = (to: EngineName, components: string, more: Record<string, string> = {}, flux = plain) => {
  const files = syncFiles({
    systemNamespace: 'flux-system',
    url: 'https://example.com/acme/fleet',
    branch: 'main',
    clusterConfigPath: 'clusters/prod',
    components: { text: components },
  })
  const fleet = { path: 'clusters/prod', namespace: 'flux-system' }
  const install = to === 'flux' ? { flux: { manifests: readManifests(flux, 'flux.yaml'), origin: '' } } : {}
  const context = { fleet, ...install } as unknown as BootstrapContext
  return switchFacts(context, to, memoryTree({ ...Object.fromEntries(files), ...more }))
}
const names = (objects: readonly KubeObject[]) => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)

describe('what a switch changes', () => {
  it('to flux: the components, and nothing goes', async () => {
    const { inGit, files, goes } = await facts('flux', ours)
    expect(inGit).toBe('sluice')
    expect(files.map(({ path, action }) => [path, action])).toEqual([
      [`${folder}/gotk-components.yaml`, 'update'],
      ['.sluice.json', 'create'],
    ])
    expect(goes).toEqual([])
  })

  it('to sluice: only controllers and what they need go', async () => {
    const { goes, after } = await facts('sluice', plain)
    expect(new Set(goes.map(object => object.kind))).toEqual(
      new Set([
        'NetworkPolicy',
        'ResourceQuota',
        'ClusterRole',
        'ClusterRoleBinding',
        'ServiceAccount',
        'Service',
        'Deployment',
      ]),
    )
    expect(names(after).sort()).toEqual([
      ...crds.map(crd => `CustomResourceDefinition/${crd.metadata.name}`).sort(),
      'Namespace/flux-system',
    ])
  })

  it('to sluice: definitions that it does not serve stay, and the plan says so; the way back has them, too', async () => {
    const there = await facts('sluice', withImages)
    expect(names(there.after)).toContain('CustomResourceDefinition/imagepolicies.image.toolkit.fluxcd.io')
    expect(there.notes.join()).toContain('imagepolicies.image.toolkit.fluxcd.io')
    const text = there.files[0]!.after
    expect((await facts('sluice', text)).files[0]).toMatchObject({ action: 'keep' })
    await expect(facts('flux', text)).rejects.toMatchObject({
      code: 'E_ENGINE_SWITCH_LOSES',
      message: expect.stringContaining('imagepolicies.image.toolkit.fluxcd.io'),
    })
    expect((await facts('flux', text, {}, withImages)).goes).toEqual([])
  })

  it('to flux: components without a kind that is there are refused', async () => {
    const two = lookAlikeText({ crds, components: ['source-controller', 'kustomize-controller'] })
    await expect(facts('flux', ours, {}, two)).rejects.toMatchObject({
      code: 'E_ENGINE_SWITCH_LOSES',
      message: expect.stringContaining('helmreleases.helm.toolkit.fluxcd.io'),
    })
  })

  it('when Git has it already: nothing, also with manifests of another version', async () => {
    const newer = plain.replaceAll('v2.9.4', 'v2.9.5')
    const { files, goes } = await facts('flux', plain, {}, newer)
    expect(files[0]).toMatchObject({ action: 'keep' })
    expect(goes).toEqual([])
  })

  it('patches of a person count, and those that fit no controller any more are named', async () => {
    const patched = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- gotk-components.yaml
- gotk-sync.yaml
patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: kustomize-controller
      namespace: flux-system
    spec:
      replicas: 2
`
    const path = `${folder}/kustomization.yaml`
    await expect(facts('sluice', plain, { [path]: patched })).rejects.toMatchObject({
      code: 'E_ENGINE_SWITCH',
      message: expect.stringContaining(path),
    })
    // A target that matches nothing is no error of kustomize, so a patch in this form may stay.
    const targeted = patched.replace(
      '- patch: |',
      '- target:\n    kind: Deployment\n    name: kustomize-controller\n  patch: |',
    )
    const { after } = await facts('flux', plain, { [path]: targeted })
    const controller = after.find(
      object => object.metadata.name === 'kustomize-controller' && object.kind === 'Deployment',
    )
    expect(controller?.['spec']).toMatchObject({ replicas: 2 })
    expect((await facts('sluice', plain, { [path]: targeted })).after.length).toBe(1 + crds.length)
  })

  it.each([
    ['components that somebody else made', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n', {}],
    ['a marker of a later version', plain, { '.sluice.json': '{"managedBy":"sluice","format":99}' }],
  ])('with %s is refused', async (_, components, more) => {
    await expect(facts('sluice', components, more as Record<string, string>)).rejects.toMatchObject({
      code: 'E_ENGINE_SWITCH',
    })
  })
})
