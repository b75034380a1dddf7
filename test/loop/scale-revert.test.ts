import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FleetRepository, fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

const file = 'clusters/mgmt/prod/eksa-system/eksa-cluster.yaml'

describe('sluice scale --revert', () => {
  let fixture: LocalFixture
  let git: FleetRepository

  beforeAll(async () => {
    fixture = await startFixture()
    git = fleetRepositoryOf(fixture)
    const up = await runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...fixture.args])
    expect(up.code, up.stderr).toBe(0)
  })
  afterAll(() => fixture.close())

  const scale = async (...args: string[]) => {
    const run = await runSluice(['scale', 'prod', ...args, ...fixture.args])
    expect(run.code, run.stderr).toBe(0)
    return run
  }

  it('undoes the last scale, then the one before, as commits of git’s own form, and follows them', async () => {
    const none = await runSluice(['scale', 'prod', '--revert', ...fixture.args])
    expect(none.code).toBe(3)
    expect(none.stderr).toContain('expected a commit "Scale prod …" that was not undone yet')

    const first = await git.read(file)
    await scale('web=4', 'batch=2..6')
    const second = await git.read(file)
    await scale('web=5')
    const [last] = await git.log()

    const dry = await scale('--revert', '--dry-run')
    expect(dry.stderr).toContain(`undoing ${last!.sha.slice(0, 7)} by`)
    const one = await scale('--revert')
    expect(one.stdout).toMatch(/prod: web 5 → 4 \(applied after/)
    expect(await git.read(file)).toBe(second)
    expect((await git.log())[0]).toMatchObject({
      subject: 'Revert "Scale prod web from 4 to 5"',
      body: expect.stringContaining(`This reverts commit ${last!.sha}.`),
    })

    const two = await scale('--revert')
    expect(two.stdout).toContain('web 4 → 3, batch 2..6 → 1..5')
    expect(await git.read(file)).toBe(first)
  })

  it('undoes a named commit, also one by hand, and leaves all that it did not count', async () => {
    const text = await git.read(file)
    const commit = await git.push({
      [file]: text.replace('count: 3', 'count: 6').replace(/^/, '# more for the sale\n'),
    })
    await git.push({ [file]: `${await git.read(file)}# the end\n` })
    await scale('--revert', commit.slice(0, 8))
    expect(await git.read(file)).toBe(`# more for the sale\n${text}# the end\n`)
    const again = await scale('--revert', commit)
    expect(again.stderr).toContain(`${file} has these counts already`)
  })

  it('is refused with both sides named when somebody changed the count since', async () => {
    await scale('web=4')
    const text = await git.read(file)
    await git.push({ [file]: text.replace('count: 4', 'count: 8') }, 'More web\n')
    const run = await runSluice(['scale', 'prod', '--revert', ...fixture.args])
    expect(run.code).toBe(5)
    expect(run.stderr).toMatch(
      /expected 4, as [0-9a-f]{7} by .* left it \(Scale prod web from 3 to 4\), seen 8, set by Somebody in [0-9a-f]{7} \(More web\)/,
    )
  })

  it('is refused for a commit without sizes, an unknown one, and together with sizes', async () => {
    const [, , renamed] = await git.log()
    const run = (...args: string[]) => runSluice(['scale', 'prod', ...args, ...fixture.args])
    expect((await run('--revert', '0000000')).stderr).toContain('expected a commit 0000000')
    const words = await git.push({ [file]: `${await git.read(file)}# words\n` })
    expect((await run('--revert', words)).stderr).toContain('expected a commit that changes sizes of prod')
    expect((await run('web=3', '--revert', renamed!.sha)).code).toBe(2)
    expect((await run('--revert', 'main')).code).toBe(2)
    expect((await run()).code).toBe(2)
  })
})
