import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FleetRepository, fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

const file = 'clusters/mgmt/prod/eksa-system/eksa-cluster.yaml'

interface Group {
  readonly name: string
  readonly git?: { readonly size: unknown; readonly commit?: string; readonly author?: string }
  readonly drift?: string
}

describe('sluice get with --git', () => {
  let fixture: LocalFixture
  let git: FleetRepository

  beforeAll(async () => {
    fixture = await startFixture()
    git = fleetRepositoryOf(fixture)
    const up = await runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...fixture.args])
    expect(up.code, up.stderr).toBe(0)
  })
  afterAll(() => fixture.close())

  const sluice = async (...args: string[]) => {
    const run = await runSluice([...args, ...fixture.args])
    expect(run.code, run.stderr).toBe(0)
    return run.stdout
  }
  const groups = async () => {
    const { items } = JSON.parse(await sluice('get', 'clusters', '--git', '-o', 'json')) as {
      items: { name: string; groups: Group[] }[]
    }
    return items.find(one => one.name === 'prod')!.groups
  }

  it('shows who set each size, and when, and where the cluster differs from it', async () => {
    await sluice('scale', 'prod', 'web=4', '--author', 'Mona <mona@example.com>')
    const [last] = await git.log()
    expect((await groups()).find(one => one.name === 'web')).toMatchObject({
      git: { size: 4, commit: last!.sha, author: 'Mona', subject: 'Scale prod web from 3 to 4' },
    })
    expect((await groups()).find(one => one.name === 'batch')).toMatchObject({ git: { size: { min: 1, max: 5 } } })
    expect((await groups()).every(one => one.drift === undefined)).toBe(true)

    await sluice('suspend', 'source', 'flux-system')
    const hand = await git.push({ [file]: (await git.read(file)).replace('count: 4', 'count: 6') }, 'More\n')
    expect((await groups()).find(one => one.name === 'web')).toMatchObject({
      git: { size: 6, commit: hand, author: 'Somebody' },
      drift: 'cluster has 4, Git 6',
    })
    const table = await sluice('get', 'nodegroups', '--git')
    expect(table).toMatch(/CLUSTER +GROUP +GIT +WANTED +CURRENT +READY +AUTOSCALED +SET BY +SET +COMMIT +DRIFT/)
    expect(table).toMatch(
      new RegExp(`prod +web +6 +4 +4 +4 +no +Somebody +\\d+s +${hand.slice(0, 7)} +cluster has 4, Git 6`),
    )
    expect(await sluice('get', 'clusters', '--git')).toMatch(
      /prod +workload +\S+ +10\.\.14 +\d+\/\d+ .*Somebody +\d+s +web: cluster has 4, Git 6/,
    )
  })

  it('asks no Git host without it', async () => {
    const run = await runSluice(['get', 'clusters', ...fixture.args])
    expect(run.stderr).toBe('')
    expect(run.stdout).not.toContain('SET BY')
  })
})
