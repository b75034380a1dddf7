import { afterAll, beforeAll, expect, it } from 'vitest'
import { ChartRepositoryStandIn, packChart } from '../../src/engine/testing/chart-repository.ts'
import { inChromium } from './chromium.ts'
import { type FleetConsole, startFleetConsole } from './fleet-console.ts'
import type { Tab, TabOptions } from './tab.ts'

/** A person without a mouse: each step is a key, and after each one something has the focus. */
class Hands {
  readonly tab: Tab
  constructor(tab: Tab) {
    this.tab = tab
  }

  /** Presses a key on what has a name, reached by Tab. */
  async press(name: string | RegExp, key = 'Enter'): Promise<void> {
    await this.tab.tabTo(name, 120)
    await this.tab.page.keyboard.press(key)
    await this.held(`${key} on ${name}`)
  }

  /** Types into a field, in the place of what is there. */
  async fill(name: string | RegExp, text: string): Promise<void> {
    await this.tab.tabTo(name, 120)
    await this.tab.page.keyboard.press('Control+a')
    await this.tab.page.keyboard.type(text)
  }

  /** Fails when the focus is nowhere: the next Tab would begin at the top of the page. */
  async held(after: string): Promise<void> {
    const where = () =>
      this.tab.page.evaluate<string>(
        'document.activeElement === null || document.activeElement === document.body ? "" : document.activeElement.outerHTML.slice(0, 120)',
      )
    await expect.poll(where, { message: `the focus after ${after}`, timeout: 5000 }).not.toBe('')
  }

  /** Presses a key once a button may be pressed, and fails when it is not reached. */
  async whenReady(name: string, key = 'Enter'): Promise<void> {
    const button = this.tab.page.getByRole('button', { name, exact: true }).last()
    // What was typed is checked a moment later, and the button waits for that.
    const isReady = async () => {
      if (!(await button.isEnabled())) return false
      await this.tab.page.waitForTimeout(700)
      return button.isEnabled()
    }
    await expect.poll(isReady, { timeout: 20_000 }).toBe(true)
    await this.press(name, key)
  }

  /** Commits the change that is shown, and stays until it has ended. */
  async commit(): Promise<void> {
    await this.whenReady('Commit to main')
    await this.tab.page.getByText(/Commit to main: done/).waitFor({ timeout: 30_000 })
    await this.held('the commit')
    await this.tab.checkAccessibility()
  }
}

const looks = [
  { width: 1440, theme: 'light' },
  { width: 390, theme: 'dark' },
] as const satisfies readonly Pick<TabOptions, 'width' | 'theme'>[]

inChromium('by the keyboard alone', () => {
  let ui: FleetConsole
  let charts: ChartRepositoryStandIn
  beforeAll(async () => {
    charts = await ChartRepositoryStandIn.start()
    for (const version of ['1.0.0', '1.1.0']) charts.add('podinfo', version, await packChart('podinfo', version))
    ui = await startFleetConsole()
    await ui.connect()
  }, 120_000)
  afterAll(async () => {
    await ui?.close()
    await charts?.close()
  })

  it.each(looks)(
    'an application is created, overridden and taken back ($width, $theme)',
    async look => {
      const name = `shop-${look.width}`
      const tab = await ui.open(look)
      const { page } = tab
      const hands = new Hands(tab)
      await tab.goto('/applications/new')
      await tab.tabTo(/^Cron job|^Web service/, 120)
      for (let i = 0; i < 5 && !/^Web service/.test(await tab.focused()); i++) await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Space')
      await hands.fill('Name', name)
      await hands.fill('Project', 'web')
      await hands.press(/^Staging/, 'Space')
      await hands.fill('Tag', '1.0.0')
      await tab.checkAccessibility()
      await hands.whenReady('Review the commit')
      await page.getByRole('complementary', { name: `Create ${name}` }).waitFor()
      await hands.held('the drawer opened')
      await hands.commit()
      await hands.whenReady(`Go to ${name}`)
      await page.getByRole('heading', { name, exact: true, level: 1 }).waitFor()
      await hands.held('going to the application')
      // An override.
      await hands.press('Change image')
      await page.getByRole('dialog').waitFor()
      await tab.checkAccessibility()
      await hands.fill('Tag', '1.1.0')
      await hands.whenReady('Review the commit')
      await hands.commit()
      await page.keyboard.press('Escape')
      await hands.held('Escape')
      // And back.
      await tab.goto(`/applications/${name}?view=history&environment=staging`)
      await page.getByRole('row', { name: new RegExp(`Create ${name}`) }).waitFor()
      await tab.tabTo(/^Compare [0-9a-f]{14}/, 120)
      await page.keyboard.press('End')
      await expect.poll(() => tab.focused()).toMatch(/^Compare [0-9a-f]{14}Create shop/)
      await page.keyboard.press('Enter')
      await hands.whenReady('Roll back to this')
      await page.getByRole('complementary', { name: /^Roll/ }).waitFor()
      await tab.checkAccessibility()
      await hands.commit()
      await tab.close()
      const { effective } = await ui.call('GET', `/applications/${name}/values?environment=staging`)
      expect(effective.image.tag).toBe('1.0.0')
    },
    120_000,
  )

  it('a chart is found, and installed', async () => {
    const tab = await ui.open()
    const { page } = tab
    const hands = new Hands(tab)
    await tab.goto('/charts')
    await hands.press('Add repository')
    await hands.fill('Address', charts.server.url)
    await hands.fill('Name', 'demo')
    await hands.whenReady('Check repository')
    await hands.whenReady('Review the commit')
    await hands.commit()
    await hands.whenReady('Done')
    await tab.goto('/charts?q=podinfo')
    await page.getByRole('row', { name: /^podinfo/ }).waitFor()
    await hands.press(/^podinfo/)
    await page.getByRole('heading', { name: 'podinfo', level: 1 }).waitFor()
    await hands.held('going to the chart')
    await hands.whenReady('Deploy 1.1.0')
    await hands.fill('Name', 'info')
    await hands.fill('Project', 'web')
    await hands.press(/^Staging/, 'Space')
    await hands.whenReady('Review the commit')
    await hands.commit()
    await tab.close()
  }, 120_000)
})
