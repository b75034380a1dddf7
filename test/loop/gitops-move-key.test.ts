import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { secretText } from '../../src/credentials/sync-secret.ts'
import { createGitHubForge, type GitHubForge } from '../../src/forges/index.ts'
import { openMirror } from '../../src/git/index.ts'
import { hasSshd, type Sshd, startSshd } from '../../src/git/testing/sshd.ts'
import { applyMove, type MoveContext } from '../../src/gitops/index.ts'
import { eksaFiles, installAsFlux, rootSource } from '../harness/eksa-repository.ts'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { applied, uids } from '../harness/inventory.ts'
import { type LocalFixture, startFixture } from '../harness/local-fixture.ts'

describe.skipIf(!hasSshd)('a move of a cluster that fetches with a deploy key', () => {
  let fixture: LocalFixture
  let dir: string
  let forge: GitHubForge
  let server: Sshd
  let before: Record<string, string>

  beforeAll(async () => {
    fixture = await startFixture()
    const { system } = fixture
    dir = await mkdtemp(join(tmpdir(), 'sluice-test-'))
    await installAsFlux(fixture, await eksaFiles(`${system.forge.url}/acme/fleet.git`))
    await applied(fixture, (await fleetRepositoryOf(fixture).log())[0]!.sha)
    before = await uids(fixture)
    const folder = join(fixture.dataDir, 'forge', 'repositories')
    const [fleet] = await readdir(folder)
    await system.forge.admin.createRepository({ owner: 'acme', name: 'moved', private: true })
    const moved = (await readdir(folder)).find(name => name !== fleet)
    server = await startSshd(dir, {
      repositories: { '/acme/fleet': join(folder, fleet!), '/acme/moved': join(folder, moved!) },
    })
    forge = createGitHubForge({ host: system.forge.url, token: system.token, userAgent: 'test' })
  })
  afterAll(async () => {
    await forge.close()
    await server.close()
    await fixture.close()
    await rm(dir, { recursive: true, force: true })
  })

  const keys = (name: string) => forge.deployKeys('acme', name)
  const repository = (name: string) => ({ forge, owner: 'acme', name, remote: forge.remote('acme', name) })
  /** The server lets in exactly the keys that the host has. */
  const authorize = async () =>
    server.authorize([...(await keys('fleet')), ...(await keys('moved'))].map(one => one.key))

  async function move(from: string, to: string) {
    const mirror = await openMirror(await mkdtemp(join(dir, 'mirror-')))
    const context: MoveContext = {
      client: fixture.system.client,
      dataDir: fixture.dataDir,
      mirror,
      old: repository(from),
      target: repository(to),
      isOtherRepository: from !== to,
      wish: {},
      sync: {
        credential: 'deploy-key',
        url: `ssh://${server.user}@127.0.0.1:${server.port}/acme/${to}`,
        knownHosts: server.knownHosts,
      },
      note: true,
      review: 'auto',
      author: { name: 'Test', email: 'test@example.com' },
      clock: systemClock,
      logger: silentLogger,
      signal: new AbortController().signal,
      timeoutMs: 60_000,
      effect: async (_, work) => {
        const result = await work()
        await authorize()
        return result
      },
    }
    const report = await applyMove(context)
    mirror.close()
    expect(report.error).toBeUndefined()
    expect(await uids(fixture)).toEqual(before)
  }

  async function fetchesWith(name: string) {
    const source = await fixture.system.client.get(rootSource)
    expect(source['spec']).toMatchObject({
      secretRef: { name: 'flux-system' },
      url: expect.stringContaining(`/acme/${name}`),
    })
    const { items } = await fixture.system.client.list(
      { group: '', version: 'v1', kind: 'Secret' },
      { namespace: 'flux-system' },
    )
    expect(items.map(one => one.metadata.name)).toEqual(['flux-system'])
    expect(Object.keys(items[0]!['data'] as object).sort()).toEqual(['identity', 'identity.pub', 'known_hosts'])
    const [key, ...more] = await keys(name)
    expect(more).toEqual([])
    expect(secretText(items[0], 'identity.pub')?.trim()).toBe(key?.key)
    expect(key?.readOnly).toBe(true)
  }

  it('takes the key in place of the token, in the same repository', async () => {
    await move('fleet', 'fleet')
    await fetchesWith('fleet')
  })

  it('makes a key of its own for another repository, and takes the old one away there', async () => {
    await move('fleet', 'moved')
    await fetchesWith('moved')
    expect(await keys('fleet')).toEqual([])
  })
})
