import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FileChange } from '../git/index.ts'
import { localTree, Repository } from '../git/index.ts'
import { changeRelease } from './change-release.ts'
import { createApplication } from './create-application.ts'
import { deployTo } from './deploy-to.ts'
import { writeEnvironment } from './environments.ts'
import { releasesOf } from './history.ts'
import type { AppsPlace } from './paths.ts'
import { requireApplication } from './read-applications.ts'
import { restoreRelease, revertCommit } from './restore.ts'

const place: AppsPlace = { fleetPath: 'clusters/mgmt', systemNamespace: 'flux-system', sourceName: 'flux-system' }
const chart = (version: string) => ({ kind: 'Template', name: 'web-service', version }) as const

let dir: string
let repository: Repository

const git = (...args: string[]) =>
  execFileSync('git', args, {
    cwd: dir,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      HOME: dir,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'ana',
      GIT_AUTHOR_EMAIL: 'ana@example.com',
      GIT_COMMITTER_NAME: 'ana',
      GIT_COMMITTER_EMAIL: 'ana@example.com',
    },
  }).trim()

function commit(subject: string, changes: readonly FileChange[]): string {
  for (const { path, content } of changes) {
    if (content === undefined) rmSync(join(dir, path))
    else {
      mkdirSync(dirname(join(dir, path)), { recursive: true })
      writeFileSync(join(dir, path), content)
    }
  }
  git('add', '-A')
  git('commit', '-q', '--allow-empty', '-m', subject)
  return git('rev-parse', 'HEAD')
}

const tree = () => localTree(dir)
const set = (values: Record<string, unknown>, environment?: string) =>
  changeRelease(tree(), place, { app: 'shop', ...(environment ? { environment } : {}), values })

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-apps-'))
  git('init', '-q', '-b', 'main')
  commit('Environments', [
    ...writeEnvironment({ name: 'staging', spec: { order: 1 } }),
    ...writeEnvironment({ name: 'production', spec: { order: 2 } }),
  ])
  const values = { image: { tag: '1' }, replicas: 2 }
  commit(
    'Create shop',
    await createApplication(tree(), place, { name: 'shop', project: 'web', chart: chart('1.0.0'), values }),
  )
  for (const environment of ['staging', 'production']) {
    const input = { app: 'shop', project: 'web', environment, override: {} }
    commit(`Deploy shop to ${environment}`, await deployTo(tree(), place, input))
  }
  repository = new Repository(join(dir, '.git'))
})
afterEach(() => {
  repository.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('the releases of an application', () => {
  it('are the commits after which an environment is given something else, base or its own', async () => {
    commit('Two for staging', await set({ image: { tag: '2' } }, 'staging'))
    commit('A note', [{ path: 'README.md', content: 'hello\n' }])
    commit('More for all', await set({ image: { tag: '1' }, replicas: 5 }))
    const tip = commit('Production alone', await set({ replicas: 9 }, 'production'))
    const subjects = async (environment: string) =>
      (await releasesOf(repository, tip, 'shop', environment)).map(one => one.commit.subject)
    expect(await subjects('staging')).toEqual(['More for all', 'Two for staging', 'Deploy shop to staging'])
    expect(await subjects('production')).toEqual(['Production alone', 'More for all', 'Deploy shop to production'])
  })

  it('do not count a commit that changes a comment', async () => {
    const text = (await tree().read('apps/shop/staging/release.yaml'))!.toString()
    const tip = commit('Comment', [{ path: 'apps/shop/staging/release.yaml', content: `# hello\n${text}` }])
    expect((await releasesOf(repository, tip, 'shop', 'staging')).map(one => one.commit.subject)).toEqual([
      'Deploy shop to staging',
    ])
  })
})

describe('going back', () => {
  it('gives an environment what it had, and leaves the base and the others as they are', async () => {
    const good = commit('Good', await set({ image: { tag: '2' } }, 'staging'))
    commit('Bad', await set({ image: { tag: '3' }, debug: true }, 'staging'))
    commit('Base moves on', await set({ image: { tag: '1' }, replicas: 7 }))
    const plan = await restoreRelease(repository, tree(), place, { app: 'shop', environment: 'staging', commit: good })
    expect(plan.values).toEqual([
      { path: ['debug'], before: true, after: undefined },
      { path: ['image', 'tag'], before: '3', after: '2' },
      { path: ['replicas'], before: 7, after: 2 },
    ])
    expect(plan.files.map(one => one.path)).toEqual(['apps/shop/staging/release.yaml'])
    commit('Restore', plan.files)
    const { values, deployments } = await requireApplication(tree(), 'shop')
    expect(values).toEqual({ image: { tag: '1' }, replicas: 7 })
    expect(deployments.map(one => [one.environment, one.values])).toEqual([
      ['staging', { image: { tag: '2' }, replicas: 2 }],
      ['production', { image: { tag: '1' }, replicas: 7 }],
    ])
    const again = await restoreRelease(repository, tree(), place, { app: 'shop', environment: 'staging', commit: good })
    expect(again.files).toEqual([])
  })

  it('brings back the chart too, with its files when they are gone', async () => {
    const path = 'charts/web-service-1.0.0/Chart.yaml'
    const first = commit('Chart', [{ path, content: 'name: web-service\n' }])
    commit(
      'Upgrade',
      await changeRelease(tree(), place, { app: 'shop', environment: 'staging', chart: chart('2.0.0') }),
    )
    commit('Tidy', [{ path, content: undefined }])
    const plan = await restoreRelease(repository, tree(), place, { app: 'shop', environment: 'staging', commit: first })
    expect(plan.chart).toEqual({ before: chart('2.0.0'), after: chart('1.0.0') })
    expect(plan.files.map(one => one.path)).toEqual([path, 'apps/shop/staging/release.yaml'])
  })

  it('by a revert never overwrites a later change', async () => {
    const first = commit('One', await set({ image: { tag: '2' } }, 'staging'))
    expect(await revertCommit(repository, tree(), place, { app: 'shop', commit: first })).toHaveLength(1)
    commit('Two', await set({ image: { tag: '3' } }, 'staging'))
    await expect(revertCommit(repository, tree(), place, { app: 'shop', commit: first })).rejects.toMatchObject({
      code: 'E_APP_CHANGED',
    })
  })

  it('takes back a deployment, its registration in the cluster included', async () => {
    const log = await repository.log(git('rev-parse', 'HEAD'))
    const deployed = log.find(one => one.subject === 'Deploy shop to production')!
    const files = await revertCommit(repository, tree(), place, { app: 'shop', commit: deployed.sha })
    commit('Revert', files)
    expect((await requireApplication(tree(), 'shop')).deployments.map(one => one.environment)).toEqual(['staging'])
    expect(await tree().entry('clusters/mgmt/sluice-apps/shop/production.yaml')).toBeUndefined()
  })
})
