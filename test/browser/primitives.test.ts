import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { inChromium } from './chromium.ts'
import { type ConsoleUnderTest, startConsole } from './console.ts'

inChromium('the primitives, under the server’s own policy', () => {
  let ui: ConsoleUnderTest
  let webDir: string
  beforeAll(async () => {
    webDir = await mkdtemp(join(tmpdir(), 'sluice-gallery-'))
    await build({
      configFile: fileURLToPath(new URL('../../web/vite.config.ts', import.meta.url)),
      mode: 'gallery',
      logLevel: 'warn',
      build: { outDir: webDir },
    })
    ui = await startConsole({ webDir })
  })
  afterAll(async () => {
    await ui?.close()
    await rm(webDir, { recursive: true, force: true })
  })

  it.each([
    ['light', 1440],
    ['dark', 1440],
    ['light', 390],
    ['dark', 390],
  ] as const)('have no serious finding of axe and break no rule of the policy: %s, %d wide', async (theme, width) => {
    const tab = await ui.open({ theme, width })
    await tab.goto('/gallery.html')
    await tab.page.locator('.cm-editor').nth(2).waitFor()
    await tab.page.locator('.u-legend').waitFor()
    await tab.checkAccessibility()
    await tab.close()
  })

  it('walk a table by the arrow keys, in a long one too, of which only a part is in the document', async () => {
    const tab = await ui.open()
    await tab.goto('/gallery.html')
    await tab.page.getByRole('tab', { name: /^Many/ }).click()
    const rows = tab.page.getByRole('table', { name: 'Objects' }).getByRole('row')
    await rows.nth(1).focus()
    await tab.page.keyboard.press('ArrowDown')
    await expect.poll(() => tab.focused()).toMatch(/^object-2/)
    await tab.page.keyboard.press('End')
    await expect.poll(() => tab.focused()).toMatch(/^object-3000/)
    expect(await rows.count()).toBeLessThan(120)
    await tab.page.keyboard.press('Home')
    await expect.poll(() => tab.focused()).toMatch(/^object-1p/)
    await tab.close()
  })

  it('make no link of an address that is none, no HTML of Markdown, and load no image of another host', async () => {
    const tab = await ui.open()
    await tab.goto('/gallery.html')
    await tab.page.getByText('A web service behind a').waitFor()
    const hrefs = await tab.page.evaluate<string[]>('[...document.links].map(a => a.protocol)')
    expect(new Set(hrefs)).toEqual(new Set(['http:', 'https:']))
    expect(await tab.page.locator('img').count()).toBe(0)
    expect(await tab.page.getByText("alert('never')").count()).toBe(0)
    await tab.close()
  })

  it('ask for the name of what is taken away for good before their button works', async () => {
    const tab = await ui.open()
    await tab.goto('/gallery.html')
    await tab.page.getByRole('button', { name: 'Confirm dialog' }).click()
    const dialog = tab.page.getByRole('dialog')
    await dialog.waitFor()
    await tab.checkAccessibility()
    expect(await dialog.getByRole('button', { name: 'Remove from Git' }).isDisabled()).toBe(true)
    await dialog.getByRole('textbox').fill('shop')
    await dialog.getByRole('textbox').press('Enter')
    await dialog.waitFor({ state: 'hidden' })
    await expect.poll(() => tab.focused()).toBe('Confirm dialog')
    await tab.close()
  })

  it('edit YAML, and let go of the keyboard again', async () => {
    const tab = await ui.open()
    await tab.goto('/gallery.html')
    const editor = tab.page.getByRole('textbox', { name: 'Values of shop' })
    await editor.click()
    await tab.page.keyboard.press('Control+Home')
    await tab.page.keyboard.type('# typed\n')
    expect(await editor.innerText()).toContain('# typed')
    await tab.page.keyboard.press('Escape')
    await tab.page.keyboard.press('Tab')
    expect(await tab.focused()).not.toBe('Values of shop')
    await tab.close()
  })
})
