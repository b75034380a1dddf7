import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FleetRepository, fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

const file = 'clusters/mgmt/prod/eksa-system/eksa-cluster.yaml'

describe('sluice edit', () => {
  let fixture: LocalFixture
  let git: FleetRepository

  beforeAll(async () => {
    fixture = await startFixture()
    git = fleetRepositoryOf(fixture)
    const up = await runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...fixture.args])
    expect(up.code, up.stderr).toBe(0)
  })
  afterAll(() => fixture.close())

  /** Edits with an editor that is a sed script. */
  const edit = (script: string, ...args: string[]) =>
    runSluice(['edit', 'prod', ...args, ...fixture.args], { env: { EDITOR: `sed -i '${script}'` } })
  const kept = () => join(fixture.dataDir, 'edited-prod.yaml')

  it('opens the file in $EDITOR, shows the difference, commits it and follows until the cluster agrees', async () => {
    const before = await git.read(file)
    const run = await edit('s/count: 3/count: 5/; s/^  name: prod$/& # the shop/', '-m', 'More web')
    expect(run.code, run.stderr).toBe(0)
    expect(run.stderr).toMatch(/-\s+(- )?count: 3[\s\S]*\+\s+(- )?count: 5/)
    expect(run.stdout).toContain('prod: the cluster agrees with Git after')
    expect(await git.read(file)).not.toBe(before)
    expect((await git.log())[0]?.subject).toBe('More web')
    expect((await runSluice(['get', 'nodegroups', ...fixture.args])).stdout).toMatch(/prod +web +5 +5 +5/)
  })

  it('commits nothing when nothing was changed, when the editor fails, or for --dry-run', async () => {
    const before = (await git.log()).length
    const same = await edit('')
    expect([same.code, same.stdout]).toEqual([0, 'nothing was changed\n'])
    const failed = await runSluice(['edit', 'prod', ...fixture.args], { env: { EDITOR: 'false' } })
    expect(failed.code).toBe(1)
    expect(failed.stderr).toContain('E_FLEET_EDITOR')
    const dry = await edit('s/maxCount: 5/maxCount: 9/', '--dry-run')
    expect(dry.code, dry.stderr).toBe(0)
    expect(dry.stderr).toContain('maxCount: 9')
    expect(await git.log()).toHaveLength(before)
  })

  it.each([
    [
      'an even control plane',
      '/controlPlaneConfiguration/,/count/s/count: [0-9]*/count: 4/',
      'spec.controlPlaneConfiguration.count',
    ],
    ['a field that cannot change', 's/192.168.0.0/172.16.0.0/', 'spec.clusterNetwork.pods'],
    ['a field that is misspelt', 's/kubernetesVersion/kubernetesVersoin/', 'kubernetesVersoin'],
    ['another name', 's/^  name: prod$/  name: other/; s/^  name: prod #.*/  name: other/', 'Cluster/prod'],
    ['YAML that cannot be read', '1i ]', 'the YAML cannot be read'],
  ])('refuses %s before the commit, with the line, and keeps the text', async (_, script, message) => {
    const before = await git.log()
    await rm(kept(), { force: true })
    const run = await edit(script)
    expect(run.code, run.stdout).not.toBe(0)
    expect(run.stderr).toContain(message)
    expect(run.stderr).toContain(`sluice edit prod -f ${kept()}`)
    expect(await readFile(kept(), 'utf8')).not.toBe(await git.read(file))
    expect(await git.log()).toEqual(before)
  })

  it('keeps to the guardrails', async () => {
    await git.push({ 'sluice.yaml': 'guardrails:\n  - groups: [batch]\n    ceiling: 6\n' })
    const run = await edit('s/maxCount: 5/maxCount: 7/')
    expect(run.code).toBe(5)
    expect(run.stderr).toContain('never above 6 (sluice.yaml:3)')
    await git.push({ 'sluice.yaml': undefined })
  })

  it('never overwrites what somebody else changed meanwhile; the kept text is taken up with -f', async () => {
    // The editor's own side effect: another push while the file is open.
    const flag = join(fixture.dataDir, 'opened')
    const go = join(fixture.dataDir, 'go')
    const editor = `sh -c 'touch ${flag}; while [ ! -e ${go} ]; do sleep 0.1; done; sed -i "s/maxCount: 5/maxCount: 8/" "$1"' x`
    const running = runSluice(['edit', 'prod', ...fixture.args], { env: { EDITOR: editor } })
    while ((await readFile(flag).catch(() => undefined)) === undefined) await new Promise(wait => setTimeout(wait, 50))
    await git.push({ [file]: `${await git.read(file)}# theirs\n` }, 'A word\n')
    await writeFile(go, '')
    const run = await running
    expect(run.code).toBe(5)
    expect(run.stderr).toMatch(/E_FLEET_EDIT_CONFLICT|somebody else changed the file/)
    expect(run.stderr).toMatch(/seen [0-9a-f]{7} by Somebody \(A word\)/)
    await writeFile(kept(), `${await readFile(kept(), 'utf8')}# theirs\n`)
    const again = await runSluice(['edit', 'prod', '-f', kept(), ...fixture.args])
    expect(again.code, again.stderr).toBe(0)
    expect(await git.read(file)).toMatch(/maxCount: 8[\s\S]*# theirs\n$/)
    expect((await git.log())[0]?.subject).toBe('Edit prod: batch from 1..5 to 1..8')
  })
})
