import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { Secret } from '../../src/secrets/secret.ts'
import { startServer } from '../../src/server/start.ts'
import { testPassword } from '../../src/server/testing/test-server.ts'
import { inChromium, launchChromium } from './chromium.ts'
import { type ConsoleUnderTest, startConsole, webDir } from './console.ts'
import { openTab } from './tab.ts'

inChromium('signing in', () => {
  let ui: ConsoleUnderTest
  beforeAll(async () => {
    ui = await startConsole()
  })
  afterAll(() => ui.close())

  it('takes a name and a password by the keyboard alone, and says what was wrong with them', async () => {
    const tab = await ui.open({ person: null })
    tab.allow('401')
    await tab.goto('/')
    await tab.checkAccessibility()
    await tab.page.getByLabel('Name').fill('admin')
    await tab.page.keyboard.press('Tab')
    await tab.page.keyboard.type('not the password')
    await tab.page.keyboard.press('Enter')
    await tab.page.getByRole('alert').waitFor()
    expect(await tab.page.getByLabel('Password').inputValue()).toBe('')
    expect(await tab.focused()).toBe('Password')
    await tab.page.keyboard.type(testPassword)
    await tab.page.keyboard.press('Enter')
    await tab.page.getByRole('button', { name: /account and theme/ }).waitFor()
    await tab.close()
  })

  it('comes back to the page where one was when the session ends, with what was typed', async () => {
    const person = await ui.server.person('carla', [{ role: 'administrator', project: '*', environment: '*' }])
    await ui.server.server.context.access.users.setPassword(person.id, Secret.of(testPassword))
    const fresh = await ui.server.server.context.access.sessions.start(person.id, 'password', '127.0.0.1')
    const [name] = person.headers['cookie']!.split('=')
    const tab = await ui.open({ person: { ...person, headers: { cookie: `${name}=${fresh}` } } })
    tab.allow('401')
    await tab.goto('/users')
    await tab.page.getByRole('button', { name: 'Add user' }).click()
    await tab.page.getByLabel('Name', { exact: true }).fill('dora')
    await tab.page.getByLabel('Password').fill('a long enough password')
    await ui.server.server.context.access.sessions.endAll(person.id)
    await tab.page.getByRole('button', { name: 'Create user' }).click()
    const dialog = tab.page.getByRole('dialog', { name: 'Your session has ended' })
    await dialog.waitFor()
    await tab.checkAccessibility()
    await dialog.getByLabel('Password').fill(testPassword)
    await dialog.getByRole('button', { name: 'Sign in' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await tab.page.getByRole('rowheader', { name: 'dora' }).waitFor()
    await tab.close()
  })

  it('leaves nothing of the session when signing out', async () => {
    const person = await ui.server.person('erik', [{ role: 'viewer', project: '*', environment: '*' }])
    const tab = await ui.open({ person })
    await tab.goto('/account')
    await tab.page.getByRole('button', { name: /account and theme/ }).click()
    await tab.page.getByRole('menuitem', { name: 'Sign out' }).click()
    await tab.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    const answer = await person.call('GET', '/api/v1/users')
    expect(answer.status).toBe(401)
    await tab.close()
  })
})

inChromium('the first start', () => {
  it('sets the administrator by the one-time link, whose secret leaves the address at once', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'sluice-setup-'))
    const server = await startServer({ dataDir, host: '127.0.0.1', port: 0, clock: systemClock, webDir })
    const browser = await launchChromium()
    try {
      const tab = await openTab(browser, { url: server.url, width: 390, theme: 'dark' })
      await tab.goto('/')
      await tab.page.getByText('printed a link that works once').waitFor()
      const link = new URL(server.setupUrl!)
      await tab.goto(`${link.pathname}${link.hash}`)
      await tab.page.reload()
      await tab.goto(`/x`)
      await tab.goto(`${link.pathname}${link.hash}`)
      await tab.page.getByLabel('Password', { exact: true }).fill('short')
      expect(tab.page.url()).not.toContain(link.hash.slice(1))
      await tab.page.getByRole('button', { name: 'Set the administrator' }).click()
      await tab.page.getByText('At least 12 characters; it has 5.').waitFor()
      await tab.checkAccessibility()
      await tab.page.getByLabel('Password', { exact: true }).fill(testPassword)
      await tab.page.getByLabel('Password again').fill(testPassword)
      await tab.page.getByRole('button', { name: 'Set the administrator' }).click()
      await tab.page.getByRole('button', { name: /account and theme/ }).waitFor()
      await tab.close()
    } finally {
      await browser.close()
      await server.close()
      await rm(dataDir, { recursive: true, force: true })
    }
  })
})
