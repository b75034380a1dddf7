import { mkdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { FleetCluster } from '../../src/server/contract/fleet.ts'
import { acting, connect } from '../../src/server/testing/connected-server.ts'
import { EksctlFixture } from '../harness/eksctl-fixture.ts'
import { inChromium } from './chromium.ts'
import { type ConsoleUnderTest, startConsole } from './console.ts'
import type { Tab } from './tab.ts'

const scaling = (minSize: number, maxSize: number, desiredSize: number) => ({ minSize, maxSize, desiredSize })
const pictures = process.env['SLUICE_TEST_PICTURES']

inChromium('an eksctl cluster in the fleet', () => {
  let eksctl: EksctlFixture
  let ui: ConsoleUnderTest
  beforeAll(async () => {
    eksctl = await EksctlFixture.start()
    const { admin } = eksctl.aws
    admin.addManaged('shop', 'web', scaling(1, 3, 1), { stack: true })
    admin.addManaged('shop', 'batch', scaling(0, 10, 7), { stack: true })
    admin.addSelfManaged('shop', 'legacy', scaling(1, 1, 1))
    const run = await eksctl.bootstrap()
    expect(run.code, run.stderr).toBe(0)
    ui = await startConsole({ client: eksctl.client })
    await connect(acting(ui.server), eksctl.local.system, 'shop')
  }, 90_000)
  afterAll(async () => {
    await ui?.close()
    await eksctl?.close()
  })

  const shop = async (): Promise<FleetCluster> =>
    (await ui.server.administrator.call('GET', '/api/v1/fleet')).body.clusters[0]
  const picture = async (tab: Tab, name: string): Promise<void> => {
    if (pictures === undefined) return
    await mkdir(pictures, { recursive: true })
    await tab.page.screenshot({ path: `${pictures}/${name}.png` })
  }
  const group = (name: string) => `/fleet?open=${encodeURIComponent(`flux-system/shop/${name}`)}`

  it('shows what Git says while nobody has asked AWS, and why there is no more', async () => {
    const known = { name: 'shop', health: 'Unknown', path: 'eksctl/shop.yaml' }
    await expect.poll(shop, { timeout: 10_000 }).toMatchObject(known)
    const tab = await ui.open()
    await tab.goto('/fleet')
    for (const name of ['web', 'batch', 'legacy'])
      await tab.page
        .getByRole('row', { name: new RegExp(`^${name}`) })
        .getByText('Not seen yet')
        .waitFor()
    await tab.page
      .getByRole('row', { name: /^batch/ })
      .getByText('0–10')
      .waitFor()
    await tab.checkAccessibility()
    await picture(tab, 'eksctl-unseen')
    await tab.goto(group('web'))
    await tab.page.getByText('Nothing has said yet what there is in AWS.').waitFor()
    await tab.page.getByText('not known yet').waitFor()
    await tab.checkAccessibility()
    await picture(tab, 'eksctl-unseen-group')
    await tab.close()
  }, 30_000)

  it('is scaled by a commit that changes one number, followed until AWS has it', async () => {
    eksctl.follow()
    await eksctl.ready()
    const tab = await ui.open()
    await tab.goto(group('web'))
    const machines = tab.page.getByLabel('Machines', { exact: true }).and(tab.page.getByRole('spinbutton'))
    await machines.fill('9')
    await tab.page.getByRole('alert').getByText('--nodes=9').waitFor()
    expect(await tab.page.getByRole('button', { name: /^Commit to/ }).isDisabled()).toBe(true)
    await machines.fill('4')
    await tab.page.getByText('Scale shop web from 2 to 4').waitFor()
    await tab.page.getByLabel('Changes of eksctl/shop.yaml').getByText('desiredCapacity: 4').waitFor()
    await tab.page.getByRole('button', { name: 'Commit to main' }).click()
    await tab.page.getByRole('button', { name: 'Change it again' }).waitFor({ timeout: 30_000 })
    expect(eksctl.aws.state.clusters.get('shop')?.get('web')?.scaling).toEqual(scaling(1, 5, 4))
    await tab.page.getByText('4 of 4 machines Ready').waitFor()
    await tab.checkAccessibility()
    await picture(tab, 'eksctl-scaled')
    expect((await shop()).groups.find(one => one.name === 'web')).toMatchObject({
      wanted: 4,
      ready: 4,
      git: { size: 4, commit: { author: 'admin', subject: 'Scale shop web from 2 to 4' } },
    })
    await tab.close()
  }, 60_000)

  it('has bounds where the autoscaler decides, and shows what was changed past Git', async () => {
    const tab = await ui.open({ width: 390, theme: 'dark' })
    await tab.goto(group('batch'))
    await tab.page.getByText('The autoscaler chooses a size within these bounds.').waitFor()
    await tab.page.getByLabel('At most', { exact: true }).and(tab.page.getByRole('spinbutton')).fill('8')
    await tab.page.getByText('Scale shop batch from 0..10 to 0..8').waitFor()
    await picture(tab, 'eksctl-bounds')
    await tab.page.getByRole('button', { name: 'Commit to main' }).click()
    await tab.page.getByRole('button', { name: 'Change it again' }).waitFor({ timeout: 30_000 })
    expect(eksctl.aws.state.clusters.get('shop')?.get('batch')?.scaling).toEqual(scaling(0, 8, 7))
    await tab.checkAccessibility()
    await tab.close()
  }, 60_000)
})
