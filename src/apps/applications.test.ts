import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FileTree, memoryTree } from '../base/file-tree.ts'
import type { FileChange } from '../git/index.ts'
import type { KubeObject } from '../kube/object.ts'
import { parseYamlStream, stringifyYaml } from '../kube/yaml/index.ts'
import { build } from '../kustomize/index.ts'
import { changeRelease } from './change-release.ts'
import { createApplication } from './create-application.ts'
import { deployTo } from './deploy-to.ts'
import { removeEnvironment, writeEnvironment } from './environments.ts'
import type { AppsPlace } from './paths.ts'
import { promote } from './promote.ts'
import { readApps, requireApplication } from './read-applications.ts'
import { removeApplication, removeDeployment } from './remove.ts'
import type { Values } from './types.ts'
import { effectiveValues, kindConflicts, overriddenAt, overrideFor } from './values.ts'

const place: AppsPlace = { fleetPath: 'clusters/mgmt', systemNamespace: 'flux-system', sourceName: 'flux-system' }
const chart = { kind: 'Template', name: 'web-service', version: '1.0.0' } as const

/** Files that changes are put into one after another. */
class Repo {
  files: Record<string, string> = {}
  get tree(): FileTree {
    return memoryTree(this.files)
  }
  take(changes: readonly FileChange[]): void {
    for (const { path, content } of changes) {
      if (content === undefined) delete this.files[path]
      else this.files[path] = String(content)
    }
  }
}

async function shop(): Promise<Repo> {
  const repo = new Repo()
  repo.take(writeEnvironment({ name: 'staging', spec: { order: 1 } }))
  repo.take(writeEnvironment({ name: 'production', spec: { order: 2, namespace: 'live-{app}' } }))
  const values = { image: { repository: 'ghcr.io/acme/shop', tag: '1.0' }, replicas: 2, env: ['A=1'] }
  repo.take(await createApplication(repo.tree, place, { name: 'shop', project: 'web', chart, values }))
  for (const environment of ['staging', 'production'])
    repo.take(await deployTo(repo.tree, place, { app: 'shop', project: 'web', environment, override: {} }))
  return repo
}

type Release = KubeObject & { spec: Record<string, unknown> }

async function built(repo: Repo, environment: string, kind: string): Promise<KubeObject> {
  const { objects } = await build(repo.tree, `apps/shop/${environment}`)
  return objects.find(one => one.kind === kind)!
}

const released = (repo: Repo, environment: string) => built(repo, environment, 'HelmRelease') as Promise<Release>

describe('an application in Git', () => {
  it('is read back as it was made, its environments in their order', async () => {
    const repo = await shop()
    const { applications, broken, environments, problems } = await readApps(repo.tree)
    expect({ broken, problems }).toEqual({ broken: [], problems: [] })
    expect(environments.map(one => one.name)).toEqual(['staging', 'production'])
    expect(applications).toHaveLength(1)
    expect(applications[0]).toMatchObject({ name: 'shop', project: 'web', chart, values: { replicas: 2 } })
    expect(applications[0]!.deployments.map(one => [one.environment, one.namespace])).toEqual([
      ['staging', 'shop-staging'],
      ['production', 'live-shop'],
    ])
  })

  it('builds into one release an environment, with a namespace that is never pruned and an account of its own', async () => {
    const repo = await shop()
    const release = await released(repo, 'production')
    expect(release.metadata.name).toBe('shop-production')
    expect(release.spec).toMatchObject({
      releaseName: 'shop',
      targetNamespace: 'live-shop',
      storageNamespace: 'live-shop',
      serviceAccountName: 'shop-production',
      chart: { spec: { chart: './charts/web-service-1.0.0' } },
    })
    expect((await built(repo, 'production', 'Namespace')).metadata).toEqual({
      name: 'live-shop',
      annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
    })
  })

  it('lets changes of the base flow into what an environment does not override', async () => {
    const repo = await shop()
    repo.take(
      await changeRelease(repo.tree, place, { app: 'shop', environment: 'production', values: { replicas: 9 } }),
    )
    const base = { image: { repository: 'ghcr.io/acme/shop', tag: '2.0' }, replicas: 3, env: ['A=1'] }
    repo.take(await changeRelease(repo.tree, place, { app: 'shop', values: base }))
    expect((await released(repo, 'staging')).spec['values']).toMatchObject({ replicas: 3, image: { tag: '2.0' } })
    expect((await released(repo, 'production')).spec['values']).toMatchObject({ replicas: 9, image: { tag: '2.0' } })
    expect((await requireApplication(repo.tree, 'shop')).deployments[1]!.values).toMatchObject({ replicas: 9 })
  })

  it('keeps comments of a file whose values change', async () => {
    const repo = await shop()
    const path = 'apps/shop/base/release.yaml'
    repo.files[path] = repo.files[path]!.replace('replicas: 2', 'replicas: 2 # two are enough')
    const values = { image: { repository: 'ghcr.io/acme/shop', tag: '1.1' }, replicas: 2, env: ['A=1'] }
    const changes = await changeRelease(repo.tree, place, { app: 'shop', values })
    expect(String(changes[0]!.content)).toContain('# two are enough')
  })

  it('is promoted by what it runs, not by how much of it', async () => {
    const repo = await shop()
    const values = { image: { tag: '1.1' }, replicas: 1 }
    repo.take(await changeRelease(repo.tree, place, { app: 'shop', environment: 'staging', values }))
    const plan = await promote(repo.tree, place, { app: 'shop', from: 'staging', to: 'production' })
    expect(plan.values).toEqual([{ path: ['image', 'tag'], before: '1.0', after: '1.1' }])
    repo.take(plan.files)
    expect((await released(repo, 'production')).spec['values']).toMatchObject({ replicas: 2, image: { tag: '1.1' } })
    const again = await promote(repo.tree, place, { app: 'shop', from: 'staging', to: 'production' })
    expect(again).toEqual({ files: [], values: [], chart: undefined })
  })

  it('goes without a trace, and other applications stay', async () => {
    const repo = await shop()
    const before = Object.keys(repo.files).filter(path => path.startsWith('environments/'))
    repo.take(await removeDeployment(repo.tree, place, 'shop', 'staging'))
    expect(Object.keys(repo.files).some(path => path.includes('staging') && !path.startsWith('environments/'))).toBe(
      false,
    )
    repo.take(await removeApplication(repo.tree, place, 'shop'))
    expect(Object.keys(repo.files)).toEqual(before)
  })

  it('is refused a name that makes the same release as another', async () => {
    const repo = await shop()
    repo.take(writeEnvironment({ name: 'a-staging', spec: {} }))
    repo.take(await createApplication(repo.tree, place, { name: 'shop-a', project: 'web', chart, values: {} }))
    repo.take(await deployTo(repo.tree, place, { app: 'shop-a', project: 'web', environment: 'staging', override: {} }))
    await expect(
      deployTo(repo.tree, place, { app: 'shop', project: 'web', environment: 'a-staging', override: {} }),
    ).rejects.toMatchObject({ code: 'E_APP_EXISTS' })
  })

  it('that cannot be read is named with its file and hides no other', async () => {
    const repo = await shop()
    repo.files['apps/broken/application.yaml'] = 'apiVersion: [\n'
    repo.files['apps/other/application.yaml'] = repo.files['apps/shop/application.yaml']!
    const { applications, broken } = await readApps(repo.tree)
    expect(applications.map(one => one.name)).toEqual(['shop'])
    expect(broken.map(one => one.name)).toEqual(['broken', 'other'])
    expect(broken[0]!.problems[0]!.file).toBe('apps/broken/application.yaml')
  })

  it('keeps its environment from being removed', async () => {
    const repo = await shop()
    await expect(removeEnvironment(repo.tree, 'staging')).rejects.toMatchObject({ code: 'E_APP_EXISTS' })
    repo.take(await removeDeployment(repo.tree, place, 'shop', 'staging'))
    repo.take(await removeEnvironment(repo.tree, 'staging'))
    expect((await readApps(repo.tree)).environments.map(one => one.name)).toEqual(['production'])
  })

  it('takes no override of another kind than the base, from either side', async () => {
    const repo = await shop()
    const numbers = { app: 'shop', environment: 'staging', values: { image: { tag: 2 } } }
    await expect(changeRelease(repo.tree, place, numbers)).rejects.toMatchObject({ code: 'E_APP_VALUES' })
    repo.take(await changeRelease(repo.tree, place, { ...numbers, values: { image: { tag: '2' } } }))
    const base = { app: 'shop', values: { image: 'ghcr.io/acme/shop:2' } }
    await expect(changeRelease(repo.tree, place, base)).rejects.toMatchObject({
      code: 'E_APP_VALUES',
      facts: { details: { fields: [{ path: ['image'] }] } },
    })
  })

  for (const name of ['Shop', '../x', 'a/b', '', '-a', 'a'.repeat(41), 'base!'])
    it(`is not called ${JSON.stringify(name.slice(0, 12))}`, async () => {
      const input = { name, project: 'web', chart, values: {} }
      await expect(createApplication(memoryTree({}), place, input)).rejects.toMatchObject({ code: 'E_APP_NAME' })
    })
})

const json = fc.letrec<{ value: unknown; map: Values }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.constantFrom('a', 'on', '1.0', ''),
    fc.boolean(),
    fc.array(fc.integer(), { maxLength: 3 }),
    tie('map'),
  ),
  map: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'image', 'on'), tie('value'), { maxKeys: 4 }),
})).map

describe('an override', () => {
  it('turns the base into what is wanted, whatever both are', () => {
    fc.assert(
      fc.property(json, json, (base, wanted) => {
        expect(effectiveValues(base, overrideFor(base, wanted))).toEqual(wanted)
      }),
    )
  })

  it('is empty when nothing differs, and is what kustomize makes of the files', async () => {
    await fc.assert(
      fc.asyncProperty(json, json, async (base, wanted) => {
        expect(overrideFor(base, base)).toEqual({})
        fc.pre(kindConflicts(base, overrideFor(base, wanted)).length === 0)
        const repo = await shop()
        const path = { base: 'apps/shop/base/release.yaml', env: 'apps/shop/staging/release.yaml' }
        const put = (file: string, values: Values) => {
          const object = parseYamlStream(repo.files[file]!)[0]!.value as Release
          object.spec['values'] = values
          repo.files[file] = stringifyYaml(object)
        }
        put(path.base, base)
        put(path.env, overrideFor(base, wanted))
        expect((await released(repo, 'staging')).spec['values'] ?? {}).toEqual(wanted)
      }),
      { numRuns: 60 },
    )
  })

  it('is shown place by place, with what the base says there', () => {
    const base = { image: { tag: '1', pull: 'Always' }, replicas: 2 }
    expect(overriddenAt(base, { image: { tag: '2', pull: null }, extra: { a: 1 } })).toEqual([
      { path: ['image', 'tag'], from: 'override', base: '1', value: '2' },
      { path: ['image', 'pull'], from: 'removed', base: 'Always', value: null },
      { path: ['extra'], from: 'override', base: undefined, value: { a: 1 } },
    ])
  })
})
