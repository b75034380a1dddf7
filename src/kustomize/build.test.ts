import { describe, expect, it } from 'vitest'
import { SluiceError } from '../base/errors/index.ts'
import { type FileTree, memoryTree } from '../base/file-tree.ts'
import { type BuildOptions, build } from './index.ts'

const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: b\n'

async function failure(tree: FileTree, dir = '', options: BuildOptions = {}): Promise<SluiceError> {
  const error = await build(tree, dir, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(SluiceError)
  return error as SluiceError
}

describe('build', () => {
  it('gives the stream, the objects and the files that it read', async () => {
    const tree = memoryTree({
      'base/kustomization.yaml': 'resources: [cm.yaml]\n',
      'base/cm.yaml': configMap,
      'prod/kustomization.yaml': 'resources: [../base]\nnamespace: prod\nnamePrefix: p-\n',
      'prod/unused.yaml': 'x: y\n',
    })
    const result = await build(tree, 'prod')
    expect(result.yaml()).toBe(
      'apiVersion: v1\ndata:\n  a: b\nkind: ConfigMap\nmetadata:\n  name: p-settings\n  namespace: prod\n',
    )
    expect(result.objects).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'p-settings', namespace: 'prod' }, data: { a: 'b' } },
    ])
    expect(result.filesRead).toEqual(['base/cm.yaml', 'base/kustomization.yaml', 'prod/kustomization.yaml'])
  })

  it('keeps a key named __proto__ as data', async () => {
    const tree = memoryTree({
      'kustomization.yaml': 'resources: [a.yaml]\n',
      'a.yaml': 'apiVersion: v1\nkind: X\nmetadata: {name: x}\nspec: {__proto__: {polluted: 1}}\n',
    })
    const result = await build(tree, '')
    expect(Object.keys(result.objects[0]?.['spec'] as object)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('names the file and the place of what is wrong', async () => {
    const tree = memoryTree({ 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': 'a: [\n' })
    const error = await failure(tree)
    expect(error.code).toBe('E_KUSTOMIZE_YAML')
    expect(error.message).toMatch(
      /accumulating resources from 'a.yaml': MalformedYAMLError: yaml: line \d+: .* in File: a.yaml/,
    )
  })

  it('refuses a field that kustomize does not know', async () => {
    const error = await failure(memoryTree({ 'kustomization.yaml': 'resource: [a.yaml]\n' }))
    expect(error.code).toBe('E_KUSTOMIZE_FILE')
    expect(error.message).toContain('json: unknown field "resource"')
  })

  it('ends with the reason of the signal', async () => {
    const controller = new AbortController()
    controller.abort(new Error('enough'))
    const tree = memoryTree({ 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': configMap })
    await expect(build(tree, '', { signal: controller.signal })).rejects.toThrow('enough')
  })
})

describe('messages', () => {
  it('never hold what could be a secret', async () => {
    const patch = '- {op: add, path: /data/x, value: hunter22}\n  bad'
    const texts = [
      'secretGenerator: [{name: s, literals: [hunter22]}]\n',
      'secretGenerator: [{name: s, literals: [a=hunter22, "=b"]}]\n',
      `resources: [a.yaml]\npatches: [{target: {kind: Secret}, patch: ${JSON.stringify(`kind: Secret\n${patch}`)}}]\n`,
      `resources: [a.yaml]\npatchesJson6902: [{target: {kind: Secret, name: x}, patch: ${JSON.stringify(patch)}}]\n`,
    ]
    for (const text of texts) {
      const error = await failure(memoryTree({ 'kustomization.yaml': text, 'a.yaml': configMap }))
      expect(error.message).not.toContain('hunter22')
    }
  })
})

describe('the jail', () => {
  const kustomization = (text: string, files: Record<string, string> = {}): FileTree =>
    memoryTree({ 'app/kustomization.yaml': text, 'secret.yaml': configMap, ...files })
  const pathFields: Record<string, string> = {
    resources: 'resources: [PATH]',
    patches: 'resources: [a.yaml]\npatches: [{path: PATH}]',
    'strategic patches': 'resources: [a.yaml]\npatchesStrategicMerge: [PATH]',
    'files of a generator': 'configMapGenerator: [{name: g, files: [PATH]}]',
    'env files of a generator': 'secretGenerator: [{name: g, envs: [PATH]}]',
    configurations: 'resources: [a.yaml]\nconfigurations: [PATH]',
    crds: 'resources: [a.yaml]\ncrds: [PATH]',
    replacements: 'resources: [a.yaml]\nreplacements: [{path: PATH}]',
    transformers: 'resources: [a.yaml]\ntransformers: [PATH]',
    generators: 'resources: [a.yaml]\ngenerators: [PATH]',
    openapi: 'resources: [a.yaml]\nopenapi: {path: PATH}',
    components: 'resources: [a.yaml]\ncomponents: [PATH]',
  }

  for (const [name, text] of Object.entries(pathFields)) {
    for (const path of ['/etc/passwd', '../../outside.yaml', '../../../etc']) {
      it(`refuses ${path} in ${name}`, async () => {
        const error = await failure(kustomization(text.replace('PATH', path), { 'app/a.yaml': configMap }), 'app', {
          loadRestrictor: 'none',
        })
        expect(error.code).toBe('E_KUSTOMIZE_PATH')
      })
    }

    it(`refuses another host in ${name}`, async () => {
      const text2 = text.replace('PATH', 'https://example.com/x.yaml')
      const error = await failure(kustomization(text2, { 'app/a.yaml': configMap }), 'app')
      expect(error.code).toBe('E_KUSTOMIZE_REMOTE')
    })
  }

  it('keeps files in or below the folder unless told otherwise', async () => {
    const tree = kustomization('resources: [../secret.yaml]\n')
    const error = await failure(tree, 'app')
    expect(error.code).toBe('E_KUSTOMIZE_PATH')
    expect(error.message).toContain("security; file '/secret.yaml' is not in or below '/app'")
    expect((await build(tree, 'app', { loadRestrictor: 'none' })).objects).toHaveLength(1)
  })

  it('refuses links, to files and on the way', async () => {
    const inner = memoryTree({
      'kustomization.yaml': 'resources: [a.yaml, sub/b.yaml]\n',
      'a.yaml': configMap,
      'sub/b.yaml': configMap,
    })
    const withLink = (link: string): FileTree => ({
      ...inner,
      entry: async path => {
        const entry = await inner.entry(path)
        return entry !== undefined && path === link ? { ...entry, kind: 'link' } : entry
      },
    })
    expect((await failure(withLink('a.yaml'))).code).toBe('E_KUSTOMIZE_PATH')
    expect((await failure(withLink('sub'))).code).toBe('E_KUSTOMIZE_PATH')
  })

  it('refuses sockets and devices', async () => {
    const inner = memoryTree({ 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': configMap })
    const tree: FileTree = {
      ...inner,
      entry: async path => {
        const entry = await inner.entry(path)
        return entry !== undefined && path === 'a.yaml' ? { ...entry, kind: 'other' } : entry
      },
    }
    expect((await failure(tree)).code).toBe('E_KUSTOMIZE_PATH')
  })

  it('refuses cycles', async () => {
    const tree = memoryTree({
      'a/kustomization.yaml': 'resources: [../b]\n',
      'b/kustomization.yaml': 'resources: [../a]\n',
    })
    expect((await failure(tree, 'a')).message).toContain('cycle detected')
    expect((await failure(memoryTree({ 'kustomization.yaml': 'resources: [.]\n' }))).message).toContain(
      'cycle detected',
    )
  })

  it('refuses a text that aliases would blow up', async () => {
    const bomb = ['a: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 9; i++)
      bomb.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      )
    const tree = memoryTree({
      'kustomization.yaml': 'resources: [a.yaml]\n',
      'a.yaml': `apiVersion: v1\nkind: X\nmetadata: {name: x}\n${bomb.join('\n')}\n`,
    })
    expect((await failure(tree)).message).toContain('excessive aliasing')
  })

  it('refuses programs: charts and plugins that are not builtin', async () => {
    const charts = memoryTree({ 'kustomization.yaml': 'helmCharts: [{name: x}]\n' })
    expect((await failure(charts)).code).toBe('E_KUSTOMIZE_UNSUPPORTED')
    const plugin = memoryTree({
      'kustomization.yaml': 'resources: [a.yaml]\ntransformers: [t.yaml]\n',
      'a.yaml': configMap,
      't.yaml': 'apiVersion: example.com/v1\nkind: Runner\nmetadata: {name: x}\n',
    })
    expect((await failure(plugin)).code).toBe('E_KUSTOMIZE_UNSUPPORTED')
  })

  it('refuses a pattern that could run for ever', async () => {
    const tree = memoryTree({
      'kustomization.yaml': "resources: [a.yaml]\npatches: [{target: {name: '(a+)+b'}, patch: '[]'}]\n",
      'a.yaml': configMap,
    })
    await failure(tree)
    const image = memoryTree({
      'kustomization.yaml': "resources: [a.yaml]\nimages: [{name: '(a*)*c', newTag: x}]\n",
      'a.yaml': configMap,
    })
    expect((await failure(image)).code).toBe('E_KUSTOMIZE_LIMIT')
  })
})
