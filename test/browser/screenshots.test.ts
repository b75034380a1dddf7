import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'vitest'
import { chromiumPath } from './chromium.ts'
import { startFleetConsole } from './fleet-fixture.ts'

const folder = process.env['SLUICE_SCREENSHOTS']
const images = fileURLToPath(new URL('../../docs/images', import.meta.url))

/** Each with a name, the path, and what to wait for. Pages add theirs here. */
const shots: readonly {
  readonly name: string
  readonly path: string
  readonly text: string
  readonly nobody?: true
}[] = [
  { name: 'sign-in', path: '/', text: 'Password', nobody: true },
  { name: 'fleet', path: '/fleet', text: 'Scale staging md-0' },
  { name: 'fleet-group', path: '/fleet?open=default%2Fprod%2Fweb', text: 'No commit has changed this size' },
  { name: 'fleet-cluster', path: '/fleet/default/prod?tab=nodes', text: 'prod-web-' },
  { name: 'fleet-file', path: '/fleet/default/prod?tab=file', text: 'kubernetesVersion' },
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
    const fleet = await startFleetConsole()
    const { ui } = fleet
    try {
      const { administrator } = ui.server
      await ui.server.person('ana.ruiz', [{ role: 'administrator', project: '*', environment: '*' }])
      await ui.server.person('ben.okri', [
        { role: 'operator', project: 'shop', environment: '*' },
        { role: 'viewer', project: '*', environment: '*' },
      ])
      await ui.server.person('audit', [{ role: 'viewer', project: '*', environment: 'production' }])
      const grants = [{ role: 'operator', project: 'shop', environment: 'staging' }]
      for (const [name, days] of [
        ['nightly pipeline', 90],
        ['backup check', 7],
      ] as const)
        await administrator.call('POST', '/api/v1/tokens', { name, days, grants })
      for (const theme of ['light', 'dark'] as const) {
        for (const width of [1440, 390] as const) {
          for (const { name, path, text, nobody } of shots) {
            const tab = await ui.open({ theme, width, ...(nobody ? { person: null } : {}) })
            await tab.goto(path)
            await tab.page.getByText(text).first().waitFor()
            await tab.page.evaluate('document.fonts.ready.then(() => undefined)')
            await tab.page.screenshot({ path: join(into, `${name}-${theme}-${width}.png`) })
            await tab.close()
          }
        }
      }
    } finally {
      await fleet.close()
    }
  }, 300_000)
})
