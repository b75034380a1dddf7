import type { Request } from 'playwright-core'
import { expect } from 'vitest'
import { evilHost } from './poison.ts'
import type { Tab } from './tab.ts'

/** What poison makes when it is taken for more than a text, and links that lead into script. */
const found = `(() => {
  const made = [...document.querySelectorAll('[data-poison], iframe, object, embed, base, meta[http-equiv=refresh]')].map(e => e.outerHTML.slice(0, 200))
  const scripts = [...document.scripts].filter(s => new URL(s.src || 'about:blank').origin !== location.origin).map(s => s.outerHTML)
  const foreign = [...document.images].filter(i => i.src !== '' && !i.src.startsWith('data:') && new URL(i.src).origin !== location.origin).map(i => i.outerHTML)
  const links = [...document.links].filter(a => !/^https?:$/.test(a.protocol)).map(a => a.outerHTML.slice(0, 200))
  const styles = [...document.querySelectorAll('[onclick],[onerror],[onload],style:not([data-own])')].filter(e => e.tagName !== 'STYLE' || e.textContent.includes('${evilHost}')).map(e => e.outerHTML.slice(0, 200))
  return [...made, ...scripts, ...foreign, ...links, ...styles]
})()`

/** Everything that is shown: also what stands in fields, labels and names. */
const shown = `(() => {
  const out = [document.body.innerText, document.title]
  for (const e of document.querySelectorAll('[aria-label],[title],[placeholder],input,textarea'))
    out.push(e.getAttribute('aria-label') ?? '', e.getAttribute('title') ?? '', e.value ?? '')
  return out.join('\\n')
})()`

/** Walks through pages as somebody who opens everything, and holds each state against what poison would do. */
export class Walk {
  readonly #tab: Tab
  readonly #hosts = new Set<string>()
  readonly #pending = new Set<Request>()
  /** Which poisons were shown, as the texts that they are. */
  readonly seen = new Set<string>()
  readonly #own: string

  constructor(tab: Tab, url: string) {
    this.#tab = tab
    this.#own = new URL(url).host
    tab.page.on('request', request => {
      const { host, protocol } = new URL(request.url())
      if (/^(?:https?|wss?|ftp):$/.test(protocol)) this.#hosts.add(host)
      // The live stream never ends, and of the script of a worker no end is told.
      if (!/\/api\/v1\/live|-worker-[^/]*\.js$/.test(request.url())) this.#pending.add(request)
    })
    const ended = (request: Request) => void this.#pending.delete(request)
    tab.page.on('requestfinished', ended).on('requestfailed', ended)
    tab.page.on('dialog', dialog => {
      this.#hosts.add(`dialog ${dialog.message()}`)
      void dialog.dismiss()
    })
  }

  /** The page at a path, as it opens when the browser loads it. */
  async load(path: string): Promise<void> {
    await this.#tab.goto(path)
    await this.settle(path)
  }

  /** The page at a path, as it opens when a link in the console leads there; the first one is loaded. */
  async visit(path: string): Promise<void> {
    await this.#go(path)
    await this.settle(path)
  }

  async #go(path: string): Promise<void> {
    const { page } = this.#tab
    if (!page.url().startsWith('http')) return this.#tab.goto(path)
    await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`)
    await page.locator('h1').first().waitFor()
  }

  /** The page at a path, each of its tabs, and the drawer of its first rows. */
  async page(path: string, rows = 2): Promise<void> {
    const { page } = this.#tab
    await this.visit(path)
    const tabs = await page.locator('main [role=tab]').count()
    for (let i = 0; i < Math.max(1, tabs); i++) {
      // A drawer that was opened may have tabs of its own.
      if (i > 0) await this.#go(path)
      if (tabs > 0) {
        await page.locator('main [role=tab]').nth(i).waitFor()
        await page.locator('main [role=tab]').nth(i).click()
        await this.settle(`${path}, tab ${i}`)
      }
      await this.#rows(`${path}, tab ${i}`, rows)
    }
  }

  async #rows(where: string, most: number): Promise<void> {
    const { page } = this.#tab
    const start = page.url()
    const rows = page.locator('main tbody tr, main [role=grid] [role=row]:has([role=gridcell])')
    for (let i = 0; i < Math.min(most, await rows.count()); i++) {
      // The left end of a row: buttons and links stand further right.
      await rows
        .nth(i)
        .click({ position: { x: 4, y: 8 }, timeout: 1000 })
        .catch(() => {})
      await this.settle(`${where}, row ${i}`)
      const inner = page.locator('[role=complementary] [role=tab], aside [role=tab], [role=dialog] [role=tab]')
      for (let j = 0; j < (await inner.count()); j++) {
        await inner
          .nth(j)
          .click({ timeout: 1000 })
          .catch(() => {})
        await this.settle(`${where}, row ${i}, tab ${j}`)
      }
      if (page.url() === start) continue
      await this.#go(start)
      await this.settle(where)
    }
  }

  /** Waits until what was asked for is there, then looks. */
  async settle(where: string): Promise<void> {
    const { page } = this.#tab
    for (let quiet = 0, turn = 0; quiet < 3 && turn < 60; turn++) {
      await page.waitForTimeout(40)
      quiet = this.#pending.size === 0 ? quiet + 1 : 0
    }
    await this.look(where)
  }

  /** Fails on anything that poison has made of the page as it is now. */
  async look(where: string): Promise<void> {
    const { page, problems } = this.#tab
    expect(await page.evaluate<string[]>(found), `made in ${where}`).toEqual([])
    expect(
      problems.filter(one => /\bran\b|CSP violation|uncaught/.test(one)),
      `ran in ${where}`,
    ).toEqual([])
    expect(
      [...this.#hosts].filter(host => host !== this.#own),
      `asked for in ${where}`,
    ).toEqual([])
    for (const [, name] of (await page.evaluate<string>(shown)).matchAll(/data-poison="([^"]+)"/g)) this.seen.add(name!)
  }
}
