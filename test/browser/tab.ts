import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export interface TabOptions {
  readonly url: string
  /** `name=value` of a session. */
  readonly cookie?: string
  readonly width?: 1440 | 390
  readonly theme?: 'light' | 'dark'
}

/** A page in a browser context of its own, and everything that went wrong in it. */
export interface Tab {
  readonly page: Page
  /** Violations of the Content-Security-Policy, errors in the browser's console, uncaught errors. */
  readonly problems: readonly string[]
  /** What is allowed to be in `problems`, as a part of its text: a refusal that the test provokes. */
  allow(part: string): void
  /** Goes to a path and waits until the page's heading is there. */
  goto(path: string): Promise<void>
  /** Fails on any serious or critical finding of axe. */
  checkAccessibility(): Promise<void>
  /** What has the focus, as its accessible name or text. */
  focused(): Promise<string>
  /** Presses Tab until `name` has the focus; fails after `most` presses. */
  tabTo(name: string | RegExp, most?: number): Promise<void>
  /** Fails when anything went wrong in the page, or when it is wider than the window; then closes it. */
  close(): Promise<void>
}

const focusedScript = `(() => {
  const e = document.activeElement
  if (e === null) return ''
  const labelled = e.getAttribute('aria-label') ?? (e.labels && e.labels[0] ? e.labels[0].textContent : null)
  return (labelled ?? e.textContent ?? '').trim()
})()`

export async function openTab(browser: Browser, options: TabOptions): Promise<Tab> {
  const { url, cookie, width = 1440, theme = 'light' } = options
  const context = await browser.newContext({
    viewport: { width, height: width === 390 ? 844 : 900 },
    colorScheme: theme,
    reducedMotion: 'reduce',
    baseURL: url,
  })
  if (cookie !== undefined) {
    const at = cookie.indexOf('=')
    await context.addCookies([
      { name: cookie.slice(0, at), value: cookie.slice(at + 1), url, httpOnly: true, sameSite: 'Lax' },
    ])
  }
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const problems: string[] = []
  const allowed: string[] = []
  await page.addInitScript(
    `document.addEventListener('securitypolicyviolation', e => console.error('CSP violation: ' + e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample))`,
  )
  page.on('console', message => {
    if (message.type() === 'error') problems.push(message.text())
  })
  page.on('pageerror', error => void problems.push(`uncaught: ${error.message}`))
  const focused = (): Promise<string> => page.evaluate(focusedScript)
  return {
    page,
    problems,
    allow: part => void allowed.push(part),
    async goto(path) {
      await page.goto(path)
      await page.locator('h1').first().waitFor()
    },
    async checkAccessibility() {
      const found = await page.evaluate<string[]>(
        `${axeSource};axe.run(document, { resultTypes: ['violations'] }).then(r => r.violations
          .filter(v => v.impact === 'serious' || v.impact === 'critical')
          .map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 200)).join(' | ')))`,
      )
      expect(found, 'serious findings of axe').toEqual([])
    },
    focused,
    async tabTo(name, most = 60) {
      const seen: string[] = []
      for (let pressed = 0; pressed < most; pressed++) {
        await page.keyboard.press('Tab')
        const now = await focused()
        if (typeof name === 'string' ? now === name : name.test(now)) return
        seen.push(now.slice(0, 40))
      }
      throw new Error(`Tab does not lead to ${name}; it leads to ${seen.join(', ')}`)
    },
    async close() {
      const wider = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
      await context.close()
      expect(problems.filter(p => !allowed.some(part => p.includes(part)))).toEqual([])
      expect(wider, 'pixels that the page is wider than the window').toBeLessThanOrEqual(0)
    },
  }
}
