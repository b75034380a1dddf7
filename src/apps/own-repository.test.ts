import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryTree } from '../base/file-tree.ts'
import { overlayTree } from '../gitops/overlay-tree.ts'
import {
  createApplication,
  deployTo,
  isOwnFile,
  mountApps,
  mountOwn,
  ownPlace,
  pointerFileOf,
  readApps,
  readPointers,
  settleSyncs,
  sourceFile,
  writeEnvironment,
} from './index.ts'

const fleetPlace = { fleetPath: 'clusters/prod', systemNamespace: 'flux-system', sourceName: 'flux-system' }
const place = ownPlace(fleetPlace, 'shop')
const pointer = { project: 'web', url: 'https://git.example.com/acme/shop.git', branch: 'main', id: '41' }
const chart = { kind: 'Template', name: 'web-service', version: '1.0.0' } as const
const texts = (files: readonly { path: string; content: string | Buffer | undefined }[]) =>
  Object.fromEntries(files.map(({ path, content }) => [path, String(content)]))

/** The files of an application in staging, divided by where they stand. */
async function divided() {
  const environments = writeEnvironment({ name: 'staging', spec: {} })
  const start = memoryTree(texts(environments))
  const made = await createApplication(start, place, { name: 'shop', project: 'web', chart, values: { a: 1 } })
  const there = overlayTree(start, made)
  const deployed = await deployTo(there, place, { app: 'shop', project: 'web', environment: 'staging', override: {} })
  const all = [...made, ...deployed]
  const own = all.filter(({ path }) => isOwnFile('shop', path))
  const fleet = [...environments, ...all.filter(one => !own.includes(one)), pointerFileOf('shop', pointer)]
  return { own, fleet }
}
const merged = async () => {
  const { own, fleet } = await divided()
  return mountApps(memoryTree(texts(fleet)), new Map([['shop', memoryTree(texts(own))]]))
}

describe('an application with a repository of its own', () => {
  it('is read out of both repositories as out of one', async () => {
    const { applications, broken } = await readApps(await merged())
    expect(broken).toEqual([])
    expect(applications).toMatchObject([
      { name: 'shop', repository: pointer, deployments: [{ environment: 'staging' }] },
    ])
  })

  it('leaves in the fleet what points to it, and nothing else', async () => {
    const { own, fleet } = await divided()
    expect(fleet.map(one => one.path)).toEqual([
      'environments/staging.yaml',
      'clusters/prod/sluice-apps/shop/staging.yaml',
      'apps/shop/repository.yaml',
    ])
    expect(own.every(({ path }) => path.startsWith('apps/shop/'))).toBe(true)
    expect(fleet[1]!.content).toContain('name: app-shop')
    const secretName = 'flux-system'
    expect(sourceFile(place, { ...pointer, app: 'shop', secretName }).content).toContain(
      'secretRef:\n    name: flux-system',
    )
  })

  it('is broken, and hides no other, while its repository cannot be read or says another project', async () => {
    const { own, fleet } = await divided()
    const alone = await readApps(memoryTree(texts(fleet)))
    expect(alone.broken).toMatchObject([{ name: 'shop', problems: [{ file: 'apps/shop/repository.yaml' }] }])
    const files = texts(own)
    files['apps/shop/application.yaml'] = files['apps/shop/application.yaml']!.replace('project: web', 'project: pay')
    const other = await readApps(mountApps(memoryTree(texts(fleet)), new Map([['shop', memoryTree(files)]])))
    expect(other.applications).toEqual([])
    expect(other.broken[0]!.problems[0]!.detail).toContain('spec.project is pay')
  })

  it('cannot say of itself where it stands, nor change another application', async () => {
    const { own, fleet } = await divided()
    const evil = {
      ...texts(own),
      'apps/shop/repository.yaml': String(pointerFileOf('shop', { ...pointer, id: '666' }).content),
      'apps/mail/application.yaml': 'kind: Application\n',
      'environments/evil.yaml': 'kind: Environment\n',
    }
    const tree = mountApps(memoryTree(texts(fleet)), new Map([['shop', memoryTree(evil)]]))
    expect((await readPointers(tree)).get('shop')).toEqual(pointer)
    expect((await tree.list('apps')).map(one => one.name)).toEqual(['shop'])
    expect(await tree.read('apps/mail/application.yaml')).toBeUndefined()
    expect(await tree.entry('environments/evil.yaml')).toBeUndefined()
  })

  it('takes charts and creation rules from its own repository, and rules of the fleet where it has none', async () => {
    const fleet = memoryTree({ '.sops.yaml': 'fleet', 'charts/a-1.0.0/Chart.yaml': 'fleet' })
    const own = memoryTree({ 'charts/b-1.0.0/Chart.yaml': 'own' })
    const tree = mountOwn(fleet, own)
    expect((await tree.list('charts')).map(one => one.name)).toEqual(['b-1.0.0'])
    expect(String(await tree.read('.sops.yaml'))).toBe('fleet')
    expect(String(await mountOwn(fleet, memoryTree({ '.sops.yaml': 'own' })).read('.sops.yaml'))).toBe('own')
  })

  it('gets the Kustomization that an ended run did not write, and loses the one that points nowhere', async () => {
    const tree = await merged()
    const sync = 'clusters/prod/sluice-apps/shop/staging.yaml'
    const what = { app: 'shop', project: 'web', environments: ['staging'] }
    expect(await settleSyncs(tree, place, what)).toEqual([])
    const before = String(await tree.read(sync))
    const lost = overlayTree(tree, [{ path: sync, content: undefined }])
    expect(await settleSyncs(lost, place, what)).toEqual([{ path: sync, content: before }])
    const gone = overlayTree(tree, [{ path: 'apps/shop/staging/release.yaml', content: undefined }])
    expect(await settleSyncs(gone, place, what)).toEqual([{ path: sync, content: undefined }])
    const sealed = overlayTree(tree, [{ path: 'apps/shop/staging/secrets.yaml', content: 'sops: {}\n' }])
    const [opened] = await settleSyncs(sealed, place, what)
    expect(opened!.content).toContain('decryption:')
  })

  it('never has a file in both repositories, whatever its path', () => {
    const part = fc.constantFrom('apps', 'shop', 'mail', 'repository.yaml', 'charts', '.sluice.json', 'fleet', 'x.yaml')
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), parts => {
        const path = parts.join('/')
        const isIn = /^(apps\/shop\/|charts\/|\.sluice\.json$)/.test(path) && path !== 'apps/shop/repository.yaml'
        expect(isOwnFile('shop', path)).toBe(isIn)
      }),
    )
  })
})
