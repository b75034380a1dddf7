import { afterAll, beforeAll, expect, it } from 'vitest'
import { inChromium } from './chromium.ts'
import { type FleetConsole, helmPath, startFleetConsole } from './fleet-console.ts'

inChromium('environments', () => {
  let ui: FleetConsole
  beforeAll(async () => {
    ui = await startFleetConsole()
    await ui.connect()
    for (const name of ['staging', 'production']) await ui.change('/environments', { kind: 'remove', name })
  }, 90_000)
  afterAll(() => ui?.close())

  it('are added from the keyboard alone, with the commit shown before it is made', async () => {
    const tab = await ui.open()
    await tab.goto('/environments')
    await tab.page.getByText('No environments yet').waitFor()
    await tab.checkAccessibility()
    await tab.tabTo('Add environment')
    await tab.page.keyboard.press('Enter')
    const form = tab.page.getByRole('complementary', { name: 'Add environment' })
    await form.waitFor()
    await tab.tabTo('Name')
    await tab.page.keyboard.type('base')
    await form.getByText('every application has a folder of this name').waitFor()
    await tab.page.keyboard.press('Control+A')
    await tab.page.keyboard.type('staging')
    await tab.tabTo(/^Called/)
    await tab.page.keyboard.type('<b>Staging</b>')
    await form.getByText('The application shop gets shop-staging.').waitFor()
    await tab.checkAccessibility()
    await tab.tabTo('Review the commit')
    await tab.page.keyboard.press('Enter')
    const drawer = tab.page.getByRole('complementary', { name: 'Add staging' })
    await drawer.getByText('Add environment staging').waitFor()
    await drawer.getByText('environments/staging.yaml').first().waitFor()
    expect((await ui.call('GET', '/environments')).environments).toEqual([])
    await tab.checkAccessibility()
    await tab.tabTo('Commit to main')
    await tab.page.keyboard.press('Enter')
    await drawer.getByText('It is done.').waitFor({ timeout: 30_000 })
    await drawer.getByRole('button', { name: 'Done' }).click()
    await tab.page.getByRole('row', { name: /^<b>Staging<\/b>/ }).waitFor()
    await tab.close()
  }, 60_000)

  it('are edited for another cluster and certain projects, and keep the name that they have', async () => {
    const tab = await ui.open({ width: 390, theme: 'dark' })
    await tab.goto('/environments?open=staging')
    await tab.page.getByRole('button', { name: 'Edit environment' }).click()
    const form = tab.page.getByRole('complementary', { name: '<b>Staging</b>' })
    expect(await form.getByLabel('Name', { exact: true }).getAttribute('readonly')).not.toBeNull()
    await form.getByLabel(/^Called/).fill('Staging')
    await form.getByRole('radio', { name: /Another cluster/ }).click()
    const review = form.getByRole('button', { name: 'Review the commit' })
    expect(await review.isDisabled()).toBe(true)
    await form.getByRole('radio', { name: /The management cluster/ }).click()
    await form.getByLabel('Every project may deploy here').click()
    await form.getByLabel('Projects that may').fill('web, mail')
    await tab.checkAccessibility()
    await review.click()
    const drawer = tab.page.getByRole('complementary', { name: 'Change staging' })
    await drawer.getByText('Change environment staging').waitFor()
    await drawer.getByRole('button', { name: 'Commit to main' }).click()
    await drawer.getByText('It is done.').waitFor({ timeout: 30_000 })
    const [staging] = (await ui.call('GET', '/environments')).environments
    expect(staging.spec).toMatchObject({ title: 'Staging', projects: ['web', 'mail'] })
    await tab.close()
  }, 60_000)

  it('say what runs in them, and cannot be removed while something does', async () => {
    const spec = { title: 'Production', order: 9 }
    await ui.change('/environments', { kind: 'write', name: 'production', spec, create: true })
    const create = {
      kind: 'create',
      name: 'shop',
      project: 'web',
      chart: { kind: 'Template', name: 'web-service', version: '1.0.0' },
      values: { image: { repository: 'ghcr.io/acme/shop', tag: '1.0.0' } },
      environments: [{ environment: 'staging' }],
    }
    const { tip } = await ui.call('POST', '/applications/changes/preview', { change: create })
    await ui.call('POST', '/applications/changes', { change: create, tip, follow: false })
    const tab = await ui.open()
    await tab.goto('/environments')
    const row = tab.page.getByRole('row', { name: /^Staging/ })
    await row
      .getByText(helmPath === undefined ? /Progressing|Failed|Not there yet/ : 'Healthy')
      .waitFor({ timeout: 60_000 })
    await row.click()
    const panel = tab.page.getByRole('complementary', { name: 'Staging' })
    expect(await panel.getByRole('link', { name: 'shop' }).getAttribute('href')).toBe(
      '/applications/shop?environment=staging',
    )
    expect(await panel.getByRole('button', { name: 'Remove environment' }).isDisabled()).toBe(true)
    await panel.getByText('It can be removed when nothing is deployed here any more.').waitFor()
    await tab.checkAccessibility()
    await tab.page.getByRole('row', { name: /^Production/ }).click()
    await tab.page.getByRole('button', { name: 'Remove environment' }).click()
    const drawer = tab.page.getByRole('complementary', { name: 'Remove production' })
    await drawer.getByText('Remove environment production').waitFor()
    await drawer.getByRole('button', { name: 'Commit to main' }).click()
    await drawer.getByText('It is done.').waitFor({ timeout: 30_000 })
    await drawer.getByRole('button', { name: 'Done' }).click()
    await tab.page.getByRole('row', { name: /^Production/ }).waitFor({ state: 'detached' })
    await tab.close()
  }, 120_000)

  it('are shown to who may only look, without a way to change them', async () => {
    const viewer = await ui.server.person('lena', [{ role: 'viewer', project: 'web', environment: '*' }])
    const tab = await ui.open({ person: viewer })
    await tab.goto('/environments?open=staging')
    await tab.page.getByRole('complementary', { name: 'Staging' }).waitFor()
    expect(await tab.page.getByRole('button', { name: /environment$/ }).count()).toBe(0)
    await tab.close()
  })
})
