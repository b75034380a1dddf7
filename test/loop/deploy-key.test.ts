import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { applyBootstrap, type BootstrapContext, planBootstrap } from '../../src/bootstrap/index.ts'
import { secretText } from '../../src/credentials/sync-secret.ts'
import { createGitHubForge, type GitHubForge } from '../../src/forges/index.ts'
import { scanHostKeys } from '../../src/git/scan-host-keys.ts'
import { hasSshd, type Sshd, startSshd } from '../../src/git/testing/sshd.ts'
import { chooseSync } from '../../src/server/fleet-add/sync-choice.ts'
import { exampleFleet, exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

describe.skipIf(!hasSshd)('a bootstrap with a deploy key', () => {
  let fixture: LocalFixture
  let dir: string
  let forge: GitHubForge
  let server: Sshd
  let context: BootstrapContext
  const secret = { group: '', version: 'v1', kind: 'Secret', namespace: 'flux-system', name: 'flux-system' }

  beforeAll(async () => {
    fixture = await startFixture()
    dir = await mkdtemp(join(tmpdir(), 'sluice-keyed-'))
    const { system } = fixture
    const fleet = await exampleFleet()
    await system.forge.admin.createRepository({ owner: fleet.owner, name: fleet.repository, private: true })
    const repositories = join(fixture.dataDir, 'forge', 'repositories')
    const [folder] = await readdir(repositories)
    server = await startSshd(dir, {
      repositories: { [`/${fleet.owner}/${fleet.repository}`]: join(repositories, folder!) },
    })
    forge = createGitHubForge({ host: system.forge.url, token: system.token, userAgent: 'test' })
    context = {
      fleet,
      forge,
      client: system.client,
      dataDir: fixture.dataDir,
      clock: systemClock,
      logger: silentLogger,
      signal: new AbortController().signal,
      timeoutMs: 60_000,
      sync: {
        credential: 'deploy-key',
        url: `ssh://${server.user}@127.0.0.1:${server.port}/${fleet.owner}/${fleet.repository}`,
        knownHosts: server.knownHosts,
      },
    }
  })
  afterAll(async () => {
    await forge.close()
    await server.close()
    await fixture.close()
    await rm(dir, { recursive: true, force: true })
  })

  const keys = () => forge.deployKeys(context.fleet.owner, context.fleet.repository)
  /** The server lets in exactly the keys that the host has. */
  const run = (ended?: { when: 'before' | 'after'; name: string }) =>
    applyBootstrap({
      ...context,
      effect: async (name, work) => {
        if (ended?.name === name && ended.when === 'before') throw new Error('ended')
        const result = await work()
        server.authorize((await keys()).map(one => one.key))
        if (ended?.name === name && ended.when === 'after') throw new Error('ended')
        return result
      },
    })

  const rotated = async () => {
    // One after another: two lists written at once could leave the older one.
    let over = false
    const follow = (async () => {
      while (!over) {
        await server.authorize((await keys()).map(one => one.key))
        await new Promise(done => setTimeout(done, 100))
      }
    })()
    try {
      const run = await runSluice(['token', 'rotate-key', '--ssh-key-algorithm', 'ed25519', ...fixture.args])
      expect([run.code, run.stdout], run.stderr).toEqual([
        0,
        expect.stringMatching(/added and proven; 1 old key removed/),
      ])
    } finally {
      over = true
      await follow
    }
  }

  it('plans the key and adds none', async () => {
    const engine = (await planBootstrap(context)).find(step => step.id === 'engine')
    expect(engine?.notes).toEqual([expect.stringContaining(`add the deploy key "sluice ${context.fleet.management}`)])
    expect(await keys()).toEqual([])
  })

  it('ended around the key and run again has one read-only key, and the cluster follows by SSH with it', async () => {
    for (const ended of [
      { when: 'before', name: 'engine.key.add' },
      { when: 'after', name: 'engine.key.add' },
    ] as const)
      expect((await run(ended)).outcome).toBe('failed')
    const report = await run()
    expect(report.error).toBeUndefined()
    const [key, ...others] = await keys()
    expect(others).toEqual([])
    expect(key).toMatchObject({ readOnly: true, title: expect.stringMatching(/^sluice \S+: flux-system-/) })
    const live = await context.client.get(secret)
    expect(Object.keys(live['data'] as object).sort()).toEqual(['identity', 'identity.pub', 'known_hosts'])
    expect(secretText(live, 'identity.pub')?.trim()).toBe(key!.key)
    expect(key!.key).toMatch(/^ecdsa-sha2-nistp384 /)
  })

  it('changes nothing when it is run again, and keeps the key', async () => {
    const [before] = await keys()
    const report = await run()
    expect(report.steps.map(step => step.outcome)).toEqual(Array(6).fill('unchanged'))
    expect(await keys()).toEqual([before])
  })

  it('is kept by the server, which plans nothing to do', async () => {
    const { fleet, client, signal } = context
    const { sync, note } = await chooseSync({ forge, fleet, client, tokenAuth: false }, signal)
    expect([sync.credential, note]).toEqual(['deploy-key', undefined])
    const plan = await planBootstrap({ ...context, sync })
    expect(plan.map(step => step.state)).toEqual(Array(6).fill('done'))
    const token = await chooseSync({ forge, fleet, client, tokenAuth: true }, signal)
    const diff = (await planBootstrap({ ...context, ...token }))
      .flatMap(step => step.changes)
      .flatMap(change => (change.kind === 'object' && change.ref.kind === 'Secret' ? [change.diff] : []))
    expect(diff.join('')).toMatch(/^-.*identity: '\*\*\*'[\s\S]*^\+.*password: '\*\*\*'/m)
  })

  it('is the same from the command line, once the host key is accepted by its fingerprint', async () => {
    const fingerprint = (await scanHostKeys({ host: '127.0.0.1', port: String(server.port) }))[0]!.fingerprint
    const args = ['bootstrap', '-f', exampleSpecs, '--yes', '--ssh-hostname', `${server.user}@127.0.0.1:${server.port}`]
    const bare = await runSluice([...args, ...fixture.args])
    expect([bare.code, bare.stderr.includes(`--accept-host-key ${fingerprint}`)]).toEqual([4, true])
    const [before] = await keys()
    const run = await runSluice([...args, '--accept-host-key', fingerprint, '-o', 'json', ...fixture.args])
    expect(run.stderr).not.toContain('error')
    const { steps } = JSON.parse(run.stdout) as { steps: { outcome: string }[] }
    expect(steps.map(step => step.outcome)).toEqual(Array(6).fill('unchanged'))
    expect(await keys()).toEqual([before])
  })

  it('has its key replaced by `sluice token rotate-key`', async () => {
    const [before] = await keys()
    await rotated()
    const [after, ...others] = await keys()
    expect(others).toEqual([])
    expect(after!.key).toMatch(/^ssh-ed25519 /)
    expect(after!.title.replace(/ \S+$/, '')).toBe(before!.title.replace(/ \S+$/, ''))
    const live = await context.client.get(secret)
    expect(secretText(live, 'identity.pub')?.trim()).toBe(after!.key)
  })

  it('is rotated at the address that the cluster has: another one is refused', async () => {
    const run = await runSluice(['token', 'rotate-key', '--ssh-hostname', '127.0.0.1:1', ...fixture.args])
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining('--ssh-hostname')])
  })

  it('keeps the token out of the cluster', async () => {
    const { items } = await context.client.list({ group: '', version: 'v1', kind: 'Secret' })
    const token = fixture.system.token.reveal()
    for (const object of items)
      for (const key of Object.keys((object['data'] ?? {}) as object))
        expect(secretText(object, key)).not.toContain(token)
  })
  it('gives way to the token and comes back, whole each time, also after it was rotated', async () => {
    const { sync: keyed, ...token } = context
    const held = async () => Object.keys((await context.client.get(secret))['data'] as object).sort()
    expect((await applyBootstrap(token)).error).toBeUndefined()
    expect(await held()).toEqual(['password', 'username'])
    const again = await applyBootstrap(token)
    expect(again.steps.map(step => step.outcome)).toEqual(Array(6).fill('unchanged'))
    context = { ...context, sync: keyed! }
    // A key is good for the fleet's repository alone.
    const other = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' }
    const metadata = { name: 'tools', namespace: 'flux-system' }
    const spec = { url: 'https://git.example.com/acme/tools', interval: '1h', secretRef: { name: 'flux-system' } }
    await context.client.create({ ...other, metadata, spec: { ...spec, suspend: true } })
    const planned = await planBootstrap(context)
    expect(planned.find(step => step.id === 'engine')).toMatchObject({
      state: 'blocked',
      summary: expect.stringContaining('tools'),
    })
    expect((await run()).error?.code).toBe('E_BOOTSTRAP_TOKEN_SHARED')
    expect(await held()).toEqual(['password', 'username'])
    await context.client.delete({
      group: 'source.toolkit.fluxcd.io',
      version: 'v1',
      kind: 'GitRepository',
      ...metadata,
    })
    expect((await run()).error).toBeUndefined()
    expect(await held()).toEqual(['identity', 'identity.pub', 'known_hosts'])
  })
  it('may push once that is asked for, and still may when it was rotated', async () => {
    const keyed = context.sync!
    context = { ...context, sync: { ...keyed, credential: 'deploy-key', readWrite: true } as typeof keyed }
    expect((await run()).error).toBeUndefined()
    expect(await keys()).toMatchObject([{ readOnly: false }])
    expect((await run()).steps.map(step => step.outcome)).toEqual(Array(6).fill('unchanged'))
    const [before] = await keys()
    await rotated()
    const after = await keys()
    expect(after).toMatchObject([{ readOnly: false }])
    expect(after[0]!.key).not.toBe(before!.key)
  })
})
