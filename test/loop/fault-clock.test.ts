import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { applyBootstrap, planBootstrap } from '../../src/bootstrap/index.ts'
import { fleetRepository } from '../../src/fleet/repository-remote.ts'
import { scaleCluster } from '../../src/fleet/scale.ts'
import { defaultAuthor } from '../../src/forges/changes/index.ts'
import { createGitHubForge } from '../../src/forges/index.ts'
import { bootstrapContext } from '../harness/faulty-bootstrap.ts'
import { type LocalFixture, startFixture } from '../harness/local-fixture.ts'

const hourMs = 3_600_000

/** The clock of a machine that is so many hours ahead of all others. */
function clockAhead(hours: number): Clock {
  return { ...systemClock, now: () => new Date(Date.now() + hours * hourMs) }
}

describe('a machine whose clock is hours off', () => {
  let fixture: LocalFixture
  beforeAll(async () => {
    fixture = await startFixture()
  })
  afterAll(() => fixture.close())

  const forgeAt = (hours: number, token = fixture.system.token) =>
    createGitHubForge({ host: fixture.system.forge.url, token, userAgent: 'test', clock: clockAhead(hours) })

  it.each([-7, 7])('bootstraps and scales all the same: %d hours', async hours => {
    const clock = clockAhead(hours)
    const forge = forgeAt(hours)
    const report = await applyBootstrap(await bootstrapContext(fixture, { clock, forge }))
    expect(report.error).toBeUndefined()
    const { client } = fixture.system
    const count = hours < 0 ? 4 : 5
    const scaled = await scaleCluster({
      client,
      cluster: 'prod',
      targets: [{ group: 'web', count }],
      repositoryFor: url => fleetRepository(forge, url),
      dataDir: fixture.dataDir,
      author: defaultAuthor('octo', forge.host),
      clock,
      signal: AbortSignal.timeout(60_000),
      timeoutMs: 30_000,
    })
    expect(scaled.timings?.readyMs).toBeGreaterThan(0)
  })

  it('is told that its clock is ahead when the host takes a token that had ended by it; nothing is refused for that', async () => {
    const token = fixture.system.forge.admin.createToken({
      user: 'octo',
      kind: 'classic',
      scopes: ['repo', 'admin:org'],
      expiresAt: new Date(Date.now() + hourMs),
    })
    const context = await bootstrapContext(fixture, { clock: clockAhead(7), forge: forgeAt(7, token) })
    const [check] = await planBootstrap(context)
    const line = check?.changes.find(change => change.kind === 'check' && change.id === 'token.expiry')
    expect(line).toMatchObject({ status: 'warn', detail: expect.stringContaining('this clock is ahead') })
    expect(check?.state).toBe('done')
  })
})
