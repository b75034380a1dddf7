import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { valueAt } from '../../src/base/json.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { type FleetRepository, fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { startSluice } from '../harness/live-sluice.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

let fixture: LocalFixture
let repository: FleetRepository
beforeAll(async () => {
  fixture = await startFixture()
  repository = fleetRepositoryOf(fixture)
  const done = await run('bootstrap', '-f', exampleSpecs, '--yes')
  expect(done.code, done.stderr).toBe(0)
})
afterAll(() => fixture.close())

const run = (...args: string[]) => runSluice([...args, ...fixture.args])
const faulty = (fault: string, ...args: string[]) =>
  runSluice([...args, ...fixture.args], { env: { SLUICE_FAULT: fault } })
const tip = async () => (await repository.log())[0]!.sha
const clusters = async () =>
  (
    await fixture.system.client.list({ group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster' })
  ).items
    .map(one => one.metadata.name)
    .sort()
const folder = 'clusters/mgmt/staging'

describe('sluice cluster remove', () => {
  it('shows the files, the objects and the machines that go, and changes nothing', async () => {
    const before = await tip()
    const shown = await run('cluster', 'remove', 'staging', '--dry-run')
    expect(shown.code, shown.stderr).toBe(0)
    expect(shown.stderr).toContain('-kind: Cluster')
    expect(shown.stdout).toMatch(/^- Cluster\/default\/staging$/m)
    expect(shown.stdout).toMatch(/^- machines of control-plane: 1$/m)
    const data = JSON.parse((await run('cluster', 'remove', 'staging', '--dry-run', '-o', 'json')).stdout) as object
    expect(data).toMatchObject({
      dryRun: true,
      files: [`${folder}/eksa-system/eksa-cluster.yaml`, `${folder}/eksa-system/kustomization.yaml`],
      gone: false,
    })
    expect([await tip(), await clusters()]).toEqual([before, ['mgmt', 'prod', 'staging']])
  })

  it.each([
    ['mgmt', 'the management cluster of prod, staging'],
    ['nobody', 'neither a file nor an object of it'],
  ])('refuses %s', async (name, words) => {
    const before = await tip()
    const refused = await run('cluster', 'remove', name, '--yes')
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain(words)
    expect(await tip()).toBe(before)
  })

  it.each([
    ['a file of somebody else in the folder', `${folder}/notes.md`, 'hello', 'notes.md: not made by Sluice'],
    [
      'a kustomization that does more',
      `${folder}/eksa-system/kustomization.yaml`,
      'resources: [eksa-cluster.yaml]\ncommonAnnotations: {a: b}\n',
      'kustomization.yaml: not made by Sluice',
    ],
    ['a limit of the guardrails', 'sluice.yaml', 'guardrails:\n- clusters: [staging]\n  floor: 1\n', 'never below 1'],
  ])('refuses %s, and touches nothing', async (_what, path, text, words) => {
    const standing = await repository.read(path).catch(() => 'undefined')
    const before = await repository.push({ [path]: text })
    const refused = await run('cluster', 'remove', 'staging', '--yes')
    if (words !== undefined) expect(refused.stderr).toContain(words)
    if (refused.code === 0) throw new Error(refused.stdout + refused.stderr)
    expect([await tip(), await clusters()]).toEqual([before, ['mgmt', 'prod', 'staging']])
    await repository.push({ [path]: standing === 'undefined' ? undefined : standing })
  })

  it('refuses an object that says that it must stay', async () => {
    const ref = {
      group: 'anywhere.eks.amazonaws.com',
      version: 'v1alpha1',
      kind: 'Cluster',
      namespace: 'default',
      name: 'staging',
    }
    const set = (value: string | null) =>
      fixture.system.client.patch(ref, 'merge', {
        metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/prune': value } },
      })
    await set('disabled')
    const refused = await run('cluster', 'remove', 'staging', '--yes')
    expect([refused.code === 0, refused.stderr]).toEqual([false, expect.stringContaining('prune: disabled')])
    await set(null)
  })

  it.each(['before:cluster.commit', 'after:cluster.commit', 'before:cluster.follow', 'after:cluster.follow'])(
    'killed %s and run again, it is gone with one commit, and nothing else is',
    async fault => {
      const name = 'staging'
      const spec = await repository.read(`${folder}/eksa-system/eksa-cluster.yaml`)
      const list = await repository.read(`${folder}/eksa-system/kustomization.yaml`)
      const mgmt = await uidOf('mgmt')
      const before = await tip()
      const killed = await faulty(fault, 'cluster', 'remove', name, '--yes')
      expect(killed.signal).toBe('SIGKILL')
      const again = await run('cluster', 'remove', name, '--yes')
      expect(again.code, again.stderr).toBe(0)
      expect(await clusters()).toEqual(['mgmt', 'prod'])
      expect(await uidOf('mgmt')).toBe(mgmt)
      const [removal, previous] = await repository.log()
      expect([removal!.subject, previous!.sha]).toEqual([`Remove ${name} from the fleet`, before])
      expect(await repository.read('clusters/mgmt/prod/eksa-system/eksa-cluster.yaml')).toContain('name: prod')
      // What the command says undoes it.
      await repository.push({
        [`${folder}/eksa-system/eksa-cluster.yaml`]: spec,
        [`${folder}/eksa-system/kustomization.yaml`]: list,
      })
      const back = await run('reconcile', 'kustomization', 'flux-system', '--with-source')
      expect(back.code, back.stderr).toBe(0)
      expect(await clusters()).toEqual(['mgmt', 'prod', 'staging'])
    },
  )

  it('waits for the merge of a pull request, killed meanwhile too, and nothing goes before', async () => {
    const staging: Record<string, string> = {
      [`${folder}/eksa-system/eksa-cluster.yaml`]: '',
      [`${folder}/eksa-system/kustomization.yaml`]: '',
    }
    for (const path of Object.keys(staging)) staging[path] = await repository.read(path)
    const before = await tip()
    const args = ['cluster', 'remove', 'staging', '--yes', '--pull-request', ...fixture.args]
    const first = startSluice(args)
    await first.waitFor('waiting for it to be merged')
    first.kill('SIGKILL')
    await first.ended
    expect([await tip(), await clusters()]).toEqual([before, ['mgmt', 'prod', 'staging']])
    const second = startSluice(args)
    await second.waitFor('found the open pull request')
    const merged = await fetch(`${fixture.system.forge.apiUrl}/repos/acme/fleet/pulls/1/merge`, {
      method: 'PUT',
      headers: { authorization: `token ${fixture.system.token.reveal()}` },
      body: JSON.stringify({ merge_method: 'squash' }),
    })
    expect(merged.status).toBe(200)
    expect(await second.ended, second.said()).toBe(0)
    expect(await clusters()).toEqual(['mgmt', 'prod'])
    await repository.push(staging)
    const back = await run('reconcile', 'kustomization', 'flux-system', '--with-source')
    expect(back.code, back.stderr).toBe(0)
  })

  it('takes the management cluster only when it is the last, and only when that is said', async () => {
    for (const name of ['prod', 'staging']) {
      const gone = await run('cluster', 'remove', name, '--yes')
      expect(gone.code, gone.stderr).toBe(0)
      expect(gone.stdout).toContain('git revert')
    }
    const refused = await run('cluster', 'remove', 'mgmt', '--yes')
    expect(refused.stderr).toContain('--last-cluster')
    const shown = await run('cluster', 'remove', 'mgmt', '--last-cluster', '--dry-run')
    expect(shown.code, shown.stderr).toBe(0)
  })
})

const uidOf = async (name: string) => {
  const ref = { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster', namespace: 'default', name }
  const object: KubeObject = await fixture.system.client.get(ref)
  return valueAt(object, ['metadata', 'uid'])
}
