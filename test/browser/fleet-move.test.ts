import { afterAll, beforeAll, expect, it } from 'vitest'
import { findFleetSync } from '../../src/fleet/find-sync.ts'
import { inChromium } from './chromium.ts'
import { type FleetConsole, startFleetConsole } from './fleet-fixture.ts'

inChromium('moving the fleet from the console', () => {
  let one: FleetConsole
  beforeAll(async () => {
    one = await startFleetConsole()
  }, 120_000)
  afterAll(() => one?.close())

  it('shows every file first, writes nothing by that, and then moves it to another repository', async () => {
    const { ui, local } = one
    const { client } = local.system
    const tab = await ui.open()
    const { page } = tab
    await tab.goto('/gitops?tab=fleet')
    await page.getByLabel('Repository', { exact: true }).fill('acme/platform')
    await page.getByRole('button', { name: 'Plan the move' }).click()
    const plan = page.getByRole('list', { name: 'The plan' })
    await plan.getByText('gotk-sync.yaml').first().waitFor()
    await tab.checkAccessibility()
    expect((await findFleetSync(client)).url).toMatch(/acme\/fleet/)
    // What was planned is what is done: another wish has to be planned anew.
    await page.getByLabel('Branch').fill('other')
    expect(await page.getByRole('button', { name: 'Move the fleet…' }).isDisabled()).toBe(true)
    await page.getByLabel('Branch').fill('main')
    await page.getByRole('button', { name: 'Move the fleet…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Move the fleet' }).click()
    await page.getByText('The cluster follows the new place.').waitFor({ timeout: 60_000 })
    const now = await findFleetSync(client)
    expect(now.url).toBe(`${local.system.forge.url}/acme/platform.git`)
    await page.getByText('change that under Settings').waitFor()
    await tab.close()
  }, 90_000)

  it('is refused while the connection does not hold', async () => {
    const { ui, local } = one
    const { administrator } = ui.server
    const [saved] = (await administrator.call('GET', '/api/v1/connections')).body.connections
    local.system.forge.admin.revokeToken(local.system.token)
    const finished = async (path: string) => {
      const { body } = await administrator.call('POST', `/api/v1/connections/${saved.id}${path}`, { branch: 'other' })
      for (;;) {
        const job = (await administrator.call('GET', `/api/v1/jobs/${body.id}`)).body
        if (job.state !== 'running') return job
        await new Promise(done => setTimeout(done, 20))
      }
    }
    await finished('/prove')
    for (const path of ['/move/plan', '/move'])
      expect(await finished(path)).toMatchObject({ state: 'failed', error: { code: 'E_GATE_CLOSED' } })
  }, 30_000)
})
