import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'vitest'
import { chromiumPath } from './chromium.ts'
import { startFleetConsole } from './fleet-console.ts'
import { fillShowcase } from './showcase.ts'
import { smallerPng } from './smaller-png.ts'
import type { Tab } from './tab.ts'

const folder = process.env['SLUICE_SCREENSHOTS']
/** Names of those that are wanted; all when there is none. */
const only = (process.env['SLUICE_SCREENSHOTS_ONLY'] ?? '').split(' ').filter(name => name !== '')
const images = fileURLToPath(new URL('../../docs/images', import.meta.url))

/** Each with a name, the path, and what to wait for. Pages add theirs here. */
const shots: readonly {
  readonly name: string
  readonly path: string
  readonly text: string
  readonly nobody?: true
  /** Milliseconds that what is drawn by a worker takes. */
  readonly settleMs?: number
  /** What is done before the picture. */
  readonly act?: (page: Tab['page']) => Promise<void>
}[] = [
  { name: 'sign-in', path: '/', text: 'Password', nobody: true },
  { name: 'gitops', path: '/gitops', text: 'deploys by commit' },
  { name: 'gitops-form', path: '/gitops?new=gitlab', text: 'Kind of host' },
  { name: 'gitops-webhook', path: '/gitops?tab=webhook', text: 'What the host is told' },
  { name: 'fleet', path: '/fleet', text: 'Scale staging md-0' },
  {
    name: 'fleet-scale',
    path: '/fleet?open=default%2Fprod%2Fweb',
    text: 'Who changed it',
    act: async page => {
      await page.getByRole('spinbutton').fill('5')
      await page.getByRole('button', { name: /^Commit to/, disabled: false }).waitFor()
    },
  },
  { name: 'fleet-cluster', path: '/fleet/default/prod?tab=nodes', text: 'prod-web-' },
  { name: 'fleet-file', path: '/fleet/default/prod?tab=file', text: 'kubernetesVersion' },
  {
    name: 'fleet-add',
    path: '/fleet/add',
    text: 'It needs a spec.',
    act: page => page.locator('.cm-editor').first().waitFor(),
  },
  { name: 'applications', path: '/applications', text: 'checkout' },
  { name: 'application', path: '/applications/checkout', text: 'Healthy' },
  { name: 'application-values', path: '/applications/checkout?view=values&environment=staging', text: 'Replicas' },
  { name: 'application-history', path: '/applications/checkout?view=history', text: 'first release' },
  { name: 'application-broken', path: '/applications/mailer', text: 'imagepullbackoff' },
  { name: 'application-new', path: '/applications/new', text: 'Web service' },
  { name: 'charts', path: '/charts', text: 'podinfo' },
  { name: 'chart', path: '/charts/platform/podinfo', text: 'What the chart installs' },
  { name: 'reconciliation', path: '/reconciliation', text: 'checkout-staging' },
  { name: 'reconciliation-graph', path: '/reconciliation?view=graph', text: 'In agreement', settleMs: 2500 },
  {
    name: 'reconciliation-object',
    path: '/reconciliation',
    text: 'checkout-staging',
    settleMs: 1000,
    act: async page => {
      await page
        .getByRole('row', { name: /mailer-staging/ })
        .first()
        .click()
      await page.getByRole('complementary').getByRole('tab', { name: 'Why' }).waitFor()
    },
  },
  { name: 'activity', path: '/activity', text: 'token.create' },
  { name: 'activity-latency', path: '/activity?view=latency&days=1', text: 'Where the time goes', settleMs: 500 },
  { name: 'activity-health', path: '/activity?view=health', text: 'SQLite' },
  {
    name: 'search',
    path: '/fleet',
    text: 'Scale staging md-0',
    act: async page => {
      await page.keyboard.press('Control+k')
      await page.keyboard.type('checkout')
      await page.getByRole('option', { name: /History of checkout/ }).waitFor()
    },
  },
  { name: 'environments', path: '/environments', text: 'management cluster' },
  { name: 'environment', path: '/environments?open=staging', text: 'Edit environment' },
  { name: 'environment-add', path: '/environments?open=%2Bnew', text: 'Review the commit' },
  { name: 'users', path: '/users', text: 'ana.ruiz' },
  { name: 'users-add', path: '/users?open=new', text: 'Create user' },
  { name: 'tokens', path: '/tokens', text: 'nightly pipeline' },
  { name: 'account', path: '/account', text: 'Sessions' },
  { name: 'not-found', path: '/gone', text: 'Nothing is at this address' },
]

// Only by `node scripts/screenshots.mjs`: pictures change with every pixel, and nobody wants that in each test run.
describe.skipIf(chromiumPath === undefined || folder === undefined)('pictures of the console', () => {
  it('takes each page wide and narrow, light and dark', async () => {
    const into = folder === '' ? images : folder!
    await mkdir(into, { recursive: true })
    const ui = await startFleetConsole()
    let showcase: { close(): Promise<void> } | undefined
    try {
      showcase = await fillShowcase(ui)
      for (const theme of ['light', 'dark'] as const) {
        for (const width of [1440, 390] as const) {
          for (const { name, path, text, nobody, act, settleMs = 0 } of shots) {
            if (only.length > 0 && !only.includes(name)) continue
            const tab = await ui.open({ theme, width, ...(nobody ? { person: null } : {}) })
            await tab.goto(path)
            await tab.page.getByText(text).first().waitFor()
            await tab.page.evaluate('document.fonts.ready.then(() => undefined)')
            await act?.(tab.page)
            await tab.page.waitForTimeout(settleMs)
            const taken = smallerPng(await tab.page.screenshot())
            await writeFile(join(into, `${name}-${theme}-${width}.png`), taken)
            await tab.close()
          }
        }
      }
    } finally {
      await ui.close()
      await showcase?.close()
    }
  }, 900_000)
})
