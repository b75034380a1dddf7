import { describe, expect, it } from 'vitest'
import { memoryTree } from '../base/file-tree.ts'
import { valueAt } from '../base/json.ts'
import { build } from './index.ts'

const object = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`
const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: c\n    image: app:1\n'

async function names(files: Record<string, string>, dir = ''): Promise<string[]> {
  const result = await build(memoryTree(files), dir, { generate: true })
  return result.objects.map(each => each.metadata.name ?? '')
}

describe('a folder without a kustomization file', () => {
  it('is every YAML file below it, and folders with a file of their own as bases', async () => {
    const files = {
      'apps/b.yaml': object('b'),
      'apps/a.yml': object('a'),
      'apps/notes.txt': 'not YAML: [',
      'apps/deep/er/c.yaml': object('c'),
      'apps/base/kustomization.yaml': 'namePrefix: x-\nresources: [d.yaml]\n',
      'apps/base/d.yaml': object('d'),
      'apps/base/not-listed.yaml': object('e'),
    }
    expect(await names(files, 'apps')).toEqual(['a', 'b', 'c', 'x-d'])
  })

  it('is read anew for each build: what one build changes, another does not see', async () => {
    const tree = memoryTree({ 'a.yaml': object('a') })
    const built = async (overrides: Parameters<typeof build>[2]) =>
      (await build(tree, '', { generate: true, ...overrides })).objects[0]!.metadata
    expect(await built({ overrides: { namePrefix: 'x-', targetNamespace: 'one' } })).toEqual({
      name: 'x-a',
      namespace: 'one',
    })
    expect(await built({})).toEqual({ name: 'a' })
  })

  it('is nothing when it has no YAML', async () => {
    expect(await names({ 'apps/readme.md': '#' }, 'apps')).toEqual([])
  })

  it('fails as a whole when one file is no Kubernetes object', async () => {
    await expect(names({ 'a.yaml': object('a'), 'values.yaml': 'replicas: 3\n' })).rejects.toThrow(
      'failed to decode Kubernetes YAML from values.yaml',
    )
  })

  it('is nothing when its kustomization file is empty', async () => {
    expect(await names({ 'kustomization.yaml': 'kind: Kustomization\n' })).toEqual([])
    await expect(build(memoryTree({ 'kustomization.yaml': 'kind: Kustomization\n' }), '')).rejects.toThrow('is empty')
  })

  it('is an error without the option', async () => {
    await expect(build(memoryTree({ 'a.yaml': object('a') }), '')).rejects.toThrow('unable to find one of')
  })
})

describe('overrides of a Flux Kustomization', () => {
  const tree = memoryTree({
    'kustomization.yaml':
      'namespace: mine\nnamePrefix: mine-\nresources: [pod.yaml]\nimages: [{name: app, newTag: "2", newName: mirror/app}]\n',
    'pod.yaml': pod,
    'extra/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {component: "yes"}\n',
  })

  it('take the place of namespace, prefix and suffix', async () => {
    const overrides = { targetNamespace: 'theirs', namePrefix: 'a-', nameSuffix: '-z' }
    const { objects } = await build(tree, '', { overrides })
    expect(objects[0]?.metadata).toMatchObject({ name: 'a-p-z', namespace: 'theirs' })
  })

  it('merge images by name, tag and digest as one', async () => {
    const image = async (override: object): Promise<unknown> => {
      const { objects } = await build(tree, '', { overrides: { images: [{ name: 'app', ...override }] } })
      return valueAt(objects, [0, 'spec', 'containers', 0, 'image'])
    }
    expect(await image({ newTag: '3' })).toBe('mirror/app:3')
    expect(await image({ digest: 'sha256:abc' })).toBe('mirror/app@sha256:abc')
    expect(await image({ newName: 'other' })).toBe('other:2')
  })

  it('pass over components that are not there when told to', async () => {
    const overrides = { components: ['extra', 'missing'], ignoreMissingComponents: true }
    const { objects } = await build(tree, '', { overrides })
    expect(objects[0]?.metadata.annotations).toEqual({ component: 'yes' })
    const strict = build(tree, '', { overrides: { components: ['missing'] } })
    await expect(strict).rejects.toThrow('must build at directory')
  })

  it('add patches, components and build metadata', async () => {
    const overrides = {
      patches: [{ target: { kind: 'Pod' }, patch: '- {op: add, path: /spec/hostNetwork, value: true}' }],
      components: ['extra'],
      buildMetadata: ['originAnnotations'],
    }
    const { objects } = await build(tree, '', { overrides })
    expect(objects[0]?.metadata.annotations).toEqual({
      component: 'yes',
      'config.kubernetes.io/origin': 'path: pod.yaml\n',
    })
    expect(objects[0]?.['spec']).toMatchObject({ hostNetwork: true })
  })
})
