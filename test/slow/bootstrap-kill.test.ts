import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readFleet } from '../../src/fleet/read-fleet.ts'
import { createGitHubForge } from '../../src/forges/index.ts'
import { listRemoteRefs, openMirror } from '../../src/git/index.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

const effects = [
  'repository.create',
  'files.push',
  'engine.apply.Namespace',
  'engine.apply.CustomResourceDefinition',
  'engine.apply.Secret',
  'engine.apply.GitRepository',
  'engine.apply.Kustomization',
]

describe('a bootstrap that is killed with SIGKILL', () => {
  let fixture: LocalFixture
  beforeEach(async () => {
    fixture = await startFixture()
  })
  afterEach(() => fixture.close())

  const bootstrap = (env: Record<string, string> = {}) =>
    runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...fixture.args], { env })

  it.each(effects.flatMap(effect => [`before:${effect}`, `after:${effect}`]))(
    '%s is finished by the next run',
    async fault => {
      const killed = await bootstrap({ SLUICE_FAULT: fault })
      expect(killed.signal).toBe('SIGKILL')

      const again = await bootstrap()
      expect(again.stderr + again.stdout).toContain('The cluster agrees with Git.')
      expect(again.code).toBe(0)
      await expectOneFleet(fixture)

      // A third run finds nothing to do and makes nothing.
      const third = await bootstrap()
      expect(third.code).toBe(0)
      await expectOneFleet(fixture)
    },
  )
})

/** One repository, one branch, one commit, every cluster Ready. */
async function expectOneFleet({ system }: LocalFixture): Promise<void> {
  const forge = createGitHubForge({ host: system.forge.url, token: system.token, userAgent: 'sluice-test' })
  const remote = forge.remote('acme', 'fleet')
  const refs = [...(await listRemoteRefs(remote)).keys()].filter(ref => ref !== 'HEAD')
  expect(refs).toEqual(['refs/heads/main'])
  const dir = await mkdtemp(join(tmpdir(), 'sluice-test-mirror-'))
  const mirror = await openMirror(dir)
  try {
    const { commit } = await mirror.fetch(remote, 'refs/heads/main', { depth: Number.POSITIVE_INFINITY })
    expect(await mirror.log(commit, { limit: 10 })).toHaveLength(1)
  } finally {
    await mirror.close()
    await rm(dir, { recursive: true, force: true })
  }
  const rows = await readFleet(system.client)
  expect(rows.map(row => [row.name, row.health])).toEqual([
    ['mgmt', 'Ready'],
    ['prod', 'Ready'],
    ['staging', 'Ready'],
  ])
}
