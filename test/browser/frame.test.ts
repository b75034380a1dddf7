import { afterAll, beforeAll, expect, it } from 'vitest'
import { inChromium } from './chromium.ts'
import { type ConsoleUnderTest, startConsole } from './console.ts'

inChromium('the frame', () => {
  let ui: ConsoleUnderTest
  beforeAll(async () => {
    ui = await startConsole()
  })
  afterAll(() => ui.close())

  it('skips to the page, and moves the focus to the heading of a page that is gone to', async () => {
    const tab = await ui.open()
    await tab.goto('/users')
    await tab.page.keyboard.press('Tab')
    expect(await tab.focused()).toBe('Skip to the page')
    await tab.tabTo('API tokens')
    await tab.page.keyboard.press('Enter')
    await tab.page.getByRole('heading', { name: 'API tokens' }).waitFor()
    await expect.poll(() => tab.focused()).toBe('API tokens')
    expect(await tab.page.title()).toBe('API tokens · Sluice')
    await tab.close()
  })

  it('goes anywhere from the palette by the keyboard alone', async () => {
    const tab = await ui.open()
    await tab.goto('/users')
    await tab.page.keyboard.press('Control+k')
    await tab.page.getByPlaceholder('Search objects').waitFor()
    await tab.checkAccessibility()
    await tab.page.keyboard.type('api')
    await tab.page.keyboard.press('Enter')
    await tab.page.getByRole('heading', { name: 'API tokens' }).waitFor()
    await tab.page.keyboard.press('Control+k')
    await tab.page.keyboard.type('no such thing')
    await tab.page.getByText('Nothing is called “no such thing”.').waitFor()
    await tab.page.keyboard.press('Escape')
    await tab.page.getByPlaceholder('Search objects').waitFor({ state: 'hidden' })
    await tab.close()
  })

  it('keeps the drawer in the address: it can be loaded again, gone back from, and closed with Escape', async () => {
    const tab = await ui.open()
    await tab.goto('/users')
    const row = tab.page.getByRole('row', { name: /^admin/ })
    await row.focus()
    await tab.page.keyboard.press('Enter')
    const drawer = tab.page.getByRole('complementary', { name: 'admin' })
    await drawer.waitFor()
    expect(new URL(tab.page.url()).searchParams.get('open')).not.toBeNull()
    await tab.checkAccessibility()
    await tab.page.reload()
    await drawer.waitFor()
    await tab.page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'hidden' })
    expect(new URL(tab.page.url()).search).toBe('')
    await row.focus()
    await tab.page.keyboard.press('Enter')
    await drawer.waitFor()
    await tab.page.goBack()
    await drawer.waitFor({ state: 'hidden' })
    await tab.close()
  })

  it('shows a change of another tab without being asked', async () => {
    const tab = await ui.open()
    await tab.goto('/users')
    await tab.page.getByRole('row', { name: /^admin/ }).waitFor()
    const { administrator } = ui.server
    const made = { name: 'live-user', password: 'a long enough password', grants: [] }
    expect((await administrator.call('POST', '/api/v1/users', made)).status).toBe(201)
    await tab.page.getByRole('row', { name: /^live-user/ }).waitFor()
    await tab.close()
  })

  it('shows a viewer only what a viewer may see, and says why where an address leads further', async () => {
    const person = await ui.server.person('vera', [{ role: 'viewer', project: '*', environment: '*' }])
    const tab = await ui.open({ person })
    await tab.goto('/users')
    await tab.page.getByText('This page is for the role administrator').waitFor()
    expect(await tab.page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents()).not.toContain(
      'Users and roles',
    )
    await tab.close()
  })

  it('helps on from an address that leads nowhere, and shows a hostile one as text', async () => {
    const tab = await ui.open()
    await tab.goto('/nowhere/<img src=x onerror=alert(1)>')
    await tab.page.getByText('Nothing is at this address').waitFor()
    expect(await tab.page.locator('main img').count()).toBe(0)
    await tab.page.getByRole('link', { name: 'Go to the start page' }).click()
    await tab.page.getByText('Nothing is at this address').waitFor({ state: 'hidden' })
    await tab.close()
  })

  it('keeps the theme that was chosen, from the first paint on', async () => {
    const tab = await ui.open({ theme: 'light' })
    await tab.goto('/account')
    await tab.page.getByRole('button', { name: /account and theme/ }).click()
    await tab.page.getByRole('menuitemradio', { name: 'Dark' }).click()
    const theme = (): Promise<string> => tab.page.evaluate('document.documentElement.dataset.theme')
    expect(await theme()).toBe('dark')
    await tab.page.reload({ waitUntil: 'commit' })
    await expect.poll(theme).toBe('dark')
    await tab.close()
  })

  it.each(['light', 'dark'] as const)(
    'has no serious finding of axe on any of its pages, wide and narrow, %s',
    async theme => {
      for (const width of [1440, 390] as const) {
        const tab = await ui.open({ theme, width })
        for (const path of ['/users', '/users?open=new', '/tokens', '/account', '/nowhere']) {
          await tab.goto(path)
          await tab.checkAccessibility()
        }
        await tab.close()
      }
    },
  )

  it('has its pages in a sheet on a phone', async () => {
    const tab = await ui.open({ width: 390 })
    await tab.goto('/account')
    await tab.page.getByRole('button', { name: 'Pages' }).click()
    await tab.checkAccessibility()
    await tab.page.getByRole('link', { name: 'API tokens' }).click()
    await tab.page.getByRole('heading', { name: 'API tokens' }).waitFor()
    expect(await tab.page.getByRole('dialog').count()).toBe(0)
    await tab.close()
  })
})
