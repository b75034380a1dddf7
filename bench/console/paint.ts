import { existsSync } from 'node:fs'
import type { TestServer } from '../../src/server/testing/test-server.ts'
import { launchChromium } from '../../test/browser/chromium.ts'
import { openTab } from '../../test/browser/tab.ts'
import { percentile } from '../stats.ts'
import type { Figure } from '../types.ts'

const pages = ['/fleet', '/applications', '/reconciliation']
const loads = 5

/** From the request of a page to its heading with data, in a browser without a cache; none where Chromium is not installed. */
export async function firstPaint(server: TestServer, note: (text: string) => void): Promise<Figure[]> {
  if (!existsSync('/usr/bin/chromium')) {
    note('no Chromium here: first paint is not measured')
    return []
  }
  const browser = await launchChromium()
  const figures: Figure[] = []
  try {
    for (const path of pages) {
      const paints: number[] = []
      const contents: number[] = []
      for (let i = 0; i < loads; i++) {
        const cookie = server.administrator.headers['cookie']
        const tab = await openTab(browser, { url: server.url, ...(cookie === undefined ? {} : { cookie }) })
        const start = performance.now()
        await tab.goto(path)
        contents.push(performance.now() - start)
        paints.push(
          (await tab.page.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN",
          )) as number,
        )
        await tab.page.context().close()
      }
      figures.push(
        { name: `${path}: first paint, p50`, value: percentile(paints, 0.5), unit: 'ms' },
        { name: `${path}: heading there, p50`, value: percentile(contents, 0.5), unit: 'ms' },
      )
    }
  } finally {
    await browser.close()
  }
  return figures
}
