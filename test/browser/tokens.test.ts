import { afterAll, beforeAll, expect, it } from 'vitest'
import { inChromium } from './chromium.ts'
import { type ConsoleUnderTest, startConsole } from './console.ts'

inChromium('API tokens', () => {
  let ui: ConsoleUnderTest
  beforeAll(async () => {
    ui = await startConsole()
  })
  afterAll(() => ui.close())

  it('shows a token once, lists it, and refuses it after it was removed', async () => {
    const tab = await ui.open()
    await tab.goto('/tokens')
    await tab.page.getByText('No tokens yet').waitFor()
    await tab.page.getByRole('button', { name: 'Make token' }).first().click()
    const dialog = tab.page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('nightly pipeline')
    await dialog.getByRole('button', { name: 'Make token' }).click()
    await dialog.getByText('it is shown this once').waitFor()
    const token = await dialog.locator('code').innerText()
    await tab.checkAccessibility()
    const asks = (): Promise<number> =>
      fetch(new URL('/api/v1/tokens', ui.server.url), { headers: { authorization: `Bearer ${token}` } }).then(
        a => a.status,
      )
    expect(await asks()).toBe(200)
    await dialog.getByRole('button', { name: 'I have copied it' }).click()
    await tab.page.getByRole('row', { name: /nightly pipeline/ }).waitFor()
    expect(await tab.page.content()).not.toContain(token)
    await tab.page.getByRole('button', { name: 'Remove nightly pipeline' }).click()
    await tab.page.getByRole('dialog').getByRole('button', { name: 'Remove token' }).click()
    await tab.page.getByText('No tokens yet').waitFor()
    expect(await asks()).toBe(401)
    await tab.close()
  })
})
