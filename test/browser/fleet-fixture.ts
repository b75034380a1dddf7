import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { bootstrapLocal } from '../../src/local/bootstrap-local.ts'
import { exampleFleet, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { type ConsoleUnderTest, startConsole } from './console.ts'

/** The console in front of a sandbox with the example fleet, and a proven connection to its Git host. */
export interface FleetConsole {
  readonly local: LocalFixture
  readonly ui: ConsoleUnderTest
  close(): Promise<void>
}

export async function startFleetConsole(): Promise<FleetConsole> {
  const local = await startFixture()
  const { system, dataDir } = local
  const signal = AbortSignal.timeout(120_000)
  const report = await bootstrapLocal(system, {
    fleet: await exampleFleet(),
    dataDir,
    signal,
    timeoutMs: 60_000,
    clock: systemClock,
    logger: silentLogger,
  })
  if (report.error) throw report.error
  const ui = await startConsole({ client: system.client })
  const { administrator } = ui.server
  const wish = {
    draft: {
      name: 'Acme',
      kind: 'github',
      host: system.forge.url,
      settings: {
        owner: report.repository.owner,
        personal: false,
        repository: report.repository.name,
        branch: report.repository.branch,
        repositoryTemplate: '{app}-config',
        visibility: 'private',
        review: 'auto',
      },
    },
    credential: { token: system.token.reveal() },
  }
  const job = await administrator.call('POST', '/api/v1/connections/validate', wish)
  for (;;) {
    const now = await administrator.call('GET', `/api/v1/jobs/${job.body.id}`)
    if (now.body.state !== 'running') break
    await new Promise(done => setTimeout(done, 20))
  }
  const saved = await administrator.call('POST', '/api/v1/connections', { ...wish, validation: job.body.id })
  if (saved.status !== 201) throw new Error(`the connection was not saved: ${saved.text}`)
  await administrator.call('PUT', `/api/v1/connections/${saved.body.id}/default`)
  return {
    local,
    ui,
    async close() {
      await ui.close()
      await local.close()
    },
  }
}
