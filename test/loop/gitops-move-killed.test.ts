import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { secretText } from '../../src/credentials/sync-secret.ts'
import { type SandboxForge, startForge } from '../../src/sandbox/forge/index.ts'
import { eksaFiles, installAsFlux, rootKustomization, rootSource } from '../harness/eksa-repository.ts'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { hearRequests } from '../harness/heard-secrets.ts'
import { applied, uids } from '../harness/inventory.ts'
import { type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

// Each run is killed at the next effect, and the one after it goes on: a chain through every place where a move can end.
describe('a move that is killed again and again', () => {
  let fixture: LocalFixture
  let before: Record<string, string>
  let other: SandboxForge
  let dir: string
  beforeEach(async () => {
    fixture = await startFixture()
    dir = await mkdtemp(join(tmpdir(), 'sluice-test-forge-'))
    other = await startForge({ dataDir: dir, clock: systemClock, logger: silentLogger })
    await installAsFlux(fixture, await eksaFiles(`${fixture.system.forge.url}/acme/fleet.git`))
    await applied(fixture, (await fleetRepositoryOf(fixture).log())[0]!.sha)
    before = await uids(fixture)
  })
  afterEach(async () => {
    await fixture.close()
    await other.close()
    await rm(dir, { recursive: true, force: true })
  })

  const spec = async (ref: typeof rootSource | typeof rootKustomization) =>
    (await fixture.system.client.get(ref))['spec'] as {
      url?: string
      ref?: { branch: string }
      path?: string
      prune?: boolean
      suspend?: boolean
    }

  /** Kills a run before and after each effect, in order; then lets one come to its end. */
  async function through(effects: readonly string[], args: readonly string[], env: Record<string, string> = {}) {
    for (const name of effects) {
      for (const when of ['before', 'after']) {
        const run = await runSluice(['gitops', 'move', '--yes', ...args, ...fixture.args], {
          env: { ...env, SLUICE_FAULT: `${when}:${name}` },
        })
        expect(run.signal, `${when}:${name}\n${run.stderr}`).toBe('SIGKILL')
        // One repository, followed by the same two objects; everything that they applied is there.
        const [source, kustomization] = [await spec(rootSource), await spec(rootKustomization)]
        expect([source.suspend, kustomization.suspend, kustomization.prune]).toEqual([undefined, undefined, true])
        expect(source.url).toMatch(/\/acme\/(fleet|moved)\.git$/)
        expect(await uids(fixture), `${when}:${name}`).toMatchObject(before)
      }
    }
    const last = await runSluice(['gitops', 'move', '--yes', ...args, ...fixture.args], { env })
    expect(last.code, last.stderr).toBe(0)
    expect(await uids(fixture)).toEqual(before)
    return last
  }

  it('follows the new branch at the end, with one commit on each', async () => {
    await through(['move.target', 'move.switch'], ['--to-branch', 'production'])
    expect(await spec(rootSource)).toMatchObject({ ref: { branch: 'production' } })
    expect(await fleetRepositoryOf(fixture).log()).toHaveLength(2)
    expect(await fleetRepositoryOf(fixture, 'fleet', 'production').log()).toHaveLength(2)
  })

  it('follows the new folder at the end, and the old one is gone', async () => {
    await through(['move.target', 'move.tidy'], ['--to-path', 'fleets/mgmt'])
    expect(await spec(rootKustomization)).toMatchObject({ path: './fleets/mgmt' })
    expect(await fleetRepositoryOf(fixture).log()).toHaveLength(3)
  })

  it('follows GitLab at the end, with its credential alone in the cluster, and every branch is there', async () => {
    other.admin.createUser({ login: 'octo' })
    other.admin.createOrganization({ login: 'acme' })
    other.admin.addMember('acme', 'octo', 'admin')
    const token = other.admin.createGitLabToken({ user: 'octo', scopes: ['api'] }).reveal()
    const effects = [
      'move.repository',
      'move.carry.first',
      'move.carry',
      'move.credential',
      'move.target',
      'move.switch',
      'move.settle.secret',
      'move.settle.file',
      'move.settle.sweep',
    ]
    await fleetRepositoryOf(fixture, 'fleet', 'experiment').push({ 'note.txt': 'kept\n' })
    const args = ['--to-host', other.url, '--to-provider', 'gitlab', '--to-repository', 'acme/moved']
    const heard = hearRequests()
    await through(effects, args, { GITLAB_TOKEN: token })
    heard.end()
    const [oldHost, newHost] = [heard.at(fixture.system.forge.url), heard.at(other.url)]
    // Each host is sent its own credential, by Sluice and by the engine, and never that of the other.
    const old = fixture.system.token.reveal()
    expect([oldHost.includes(old), oldHost.includes(token)]).toEqual([true, false])
    expect([newHost.includes(token), newHost.includes(old)]).toEqual([true, false])
    expect(await spec(rootSource)).toMatchObject({
      url: `${other.url}/acme/moved.git`,
      secretRef: { name: 'flux-system' },
    })
    const { items } = await fixture.system.client.list(
      { group: '', version: 'v1', kind: 'Secret' },
      { namespace: 'flux-system' },
    )
    expect(items.map(one => one.metadata.name)).toEqual(['flux-system'])
    expect(secretText(items[0], 'password')).toBe(token)
  }, 240_000)
})
