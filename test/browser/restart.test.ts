import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../src/server/testing/test-server.ts'
import { inChromium, launchChromium } from './chromium.ts'
import { webDir } from './console.ts'
import { openTab } from './tab.ts'

inChromium('a server that restarts while the console is open', () => {
  let dataDir: string
  let server: TestServer
  let browser: Browser
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sluice-restart-'))
    server = await startTestServer({ webDir, dataDir })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    await server.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  it('is said to be away, loses nothing that was typed, and is found again without a reload', async () => {
    const { url } = server
    const tab = await openTab(browser, { url, cookie: server.administrator.headers['cookie']! })
    const { page } = tab
    await tab.goto('/tokens')
    await page.getByText('No tokens yet').waitFor()
    await page.getByRole('button', { name: 'Make token' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('nightly pipeline')
    await server.close()
    const make = dialog.getByRole('button', { name: 'Make token' })
    await make.click()
    await dialog.getByRole('alert').waitFor()
    expect(await dialog.getByRole('alert').innerText()).toMatch(/server/i)
    expect(await dialog.getByLabel('Name').inputValue()).toBe('nightly pipeline')
    await page.getByText(/Live updates paused, data from/).waitFor()

    server = await startTestServer({ webDir, dataDir, port: Number(new URL(url).port) })
    // What somebody else does meanwhile is seen when the page is live again.
    const made = await server.administrator.call('POST', '/api/v1/tokens', {
      name: 'of another tab',
      grants: [{ role: 'viewer', project: '*', environment: '*' }],
      days: 7,
    })
    expect(made.status, made.text).toBeLessThan(300)
    await page.getByText(/Live updates paused/).waitFor({ state: 'detached', timeout: 40_000 })
    await make.click()
    await dialog.getByText('it is shown this once').waitFor()
    await dialog.getByRole('button', { name: 'I have copied it' }).click()
    for (const name of ['nightly pipeline', 'of another tab'])
      expect(await page.getByRole('row', { name: new RegExp(name) }).count()).toBe(1)
    const { body } = await server.administrator.call('GET', '/api/v1/tokens')
    expect(body.tokens.map((one: { name: string }) => one.name).sort()).toEqual(['nightly pipeline', 'of another tab'])
    tab.allow('ERR_CONNECTION_REFUSED')
    tab.allow('ERR_INCOMPLETE_CHUNKED_ENCODING')
    tab.allow('ERR_NETWORK_CHANGED')
    tab.allow('ERR_CONNECTION_RESET')
    await tab.close()
  })
})
