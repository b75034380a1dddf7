import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FleetRepository, fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { startSluice } from '../harness/live-sluice.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

const file = 'clusters/mgmt/prod/eksa-system/eksa-cluster.yaml'
const evenControlPlane = (text: string) =>
  text.replace(/(controlPlaneConfiguration:\n(?:.*\n)*? {4}count: )3/, (_, before: string) => `${before}4`)

describe('a commit that the cluster’s webhook refuses', () => {
  let fixture: LocalFixture
  let git: FleetRepository

  beforeAll(async () => {
    fixture = await startFixture()
    git = fleetRepositoryOf(fixture)
    const up = await runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...fixture.args])
    expect(up.code, up.stderr).toBe(0)
  })
  afterAll(() => fixture.close())

  const refusal = (said: string) => {
    expect(said).toContain('E_FLEET_NOT_APPLIED')
    expect(said).toContain('Cluster/default/prod')
    expect(said).toContain('spec.controlPlaneConfiguration.count')
    expect(said).toContain('number')
  }

  it('ends the wait of a scale on top of it, with the object and the field', async () => {
    const text = await git.read(file)
    await git.push({ [file]: evenControlPlane(text) })
    const run = await runSluice(['scale', 'prod', 'web=4', '--timeout', '5m', ...fixture.args])
    expect(run.code).toBe(1)
    refusal(run.stderr)
    await git.push({ [file]: text })
  })

  it('ends the wait of a scale below it, which the engine never tries by itself', async () => {
    await runSluice(['reconcile', 'kustomization', 'flux-system', '--with-source', ...fixture.args])
    await runSluice(['suspend', 'source', 'flux-system', ...fixture.args])
    const run = startSluice(['scale', 'prod', 'web=5', '--timeout', '5m', ...fixture.args])
    await run.waitFor('committed')
    await git.push({ [file]: evenControlPlane(await git.read(file)) })
    await runSluice(['resume', 'source', 'flux-system', ...fixture.args])
    expect(await run.ended).toBe(1)
    refusal(run.said())
  })
})
