import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'vitest'
import { chromiumPath } from './chromium.ts'
import { helmPath, startFleetConsole } from './fleet-console.ts'

const folder = process.env['SLUICE_SCREENSHOTS']
const images = fileURLToPath(new URL('../../docs/images', import.meta.url))

/** Each with a name, the path, and what to wait for. Pages add theirs here. */
const shots: readonly {
  readonly name: string
  readonly path: string
  readonly text: string
  readonly nobody?: true
  /** Milliseconds that what is drawn by a worker takes. */
  readonly settleMs?: number
}[] = [
  { name: 'sign-in', path: '/', text: 'Password', nobody: true },
  { name: 'gitops', path: '/gitops', text: 'deploys by commit' },
  { name: 'gitops-form', path: '/gitops?new=gitlab', text: 'Kind of host' },
  { name: 'fleet', path: '/fleet', text: 'Scale staging md-0' },
  { name: 'fleet-group', path: '/fleet?open=default%2Fprod%2Fweb', text: 'No commit has changed this size' },
  { name: 'fleet-cluster', path: '/fleet/default/prod?tab=nodes', text: 'prod-web-' },
  { name: 'fleet-file', path: '/fleet/default/prod?tab=file', text: 'kubernetesVersion' },
  { name: 'fleet-add', path: '/fleet/add', text: 'It needs a spec.' },
  { name: 'applications', path: '/applications', text: 'checkout' },
  { name: 'application', path: '/applications/checkout', text: 'Healthy' },
  { name: 'application-values', path: '/applications/checkout?view=values&environment=staging', text: 'Replicas' },
  { name: 'application-broken', path: '/applications/mailer', text: 'imagepullbackoff' },
  { name: 'application-new', path: '/applications/new', text: 'Web service' },
  { name: 'charts', path: '/charts', text: 'Add repository' },
  { name: 'reconciliation', path: '/reconciliation', text: 'checkout-staging' },
  { name: 'reconciliation-graph', path: '/reconciliation?view=graph', text: 'In agreement', settleMs: 2500 },
  { name: 'activity', path: '/activity', text: 'Audit log' },
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
    try {
      await ui.connect()
      await makeApplications(ui)
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
          for (const { name, path, text, nobody, settleMs = 0 } of shots) {
            const tab = await ui.open({ theme, width, ...(nobody ? { person: null } : {}) })
            await tab.goto(path)
            await tab.page.getByText(text).first().waitFor()
            await tab.page.evaluate('document.fonts.ready.then(() => undefined)')
            await tab.page.waitForTimeout(settleMs)
            await tab.page.screenshot({ path: join(into, `${name}-${theme}-${width}.png`) })
            await tab.close()
          }
        }
      }
    } finally {
      await ui.close()
    }
  }, 300_000)
})

/** Applications as a team would have them: one that does well in two environments, and one whose image is not there. */
async function makeApplications(ui: Awaited<ReturnType<typeof startFleetConsole>>): Promise<void> {
  if (helmPath === undefined) return
  const web = { kind: 'Template', name: 'web-service', version: '1.0.0' }
  const worker = { kind: 'Template', name: 'worker', version: '1.0.0' }
  const image = { repository: 'ghcr.io/acme/checkout', tag: '4.2.0' }
  await ui.change('/applications', {
    kind: 'create',
    name: 'checkout',
    project: 'shop',
    title: 'Checkout',
    description: 'Takes orders and payments.',
    owners: ['team-checkout'],
    chart: web,
    values: { image, replicas: 2 },
    environments: [
      { environment: 'staging', override: { replicas: 1 } },
      { environment: 'production', override: { replicas: 4 } },
    ],
  })
  await ui.change('/applications', {
    kind: 'values',
    app: 'checkout',
    environment: 'staging',
    values: { image: { ...image, tag: '4.3.0' }, replicas: 1 },
  })
  // It is not meant to become healthy: the page shows what is to blame.
  await ui
    .change('/applications', {
      kind: 'create',
      name: 'mailer',
      project: 'shop',
      chart: worker,
      values: { image: { repository: 'ghcr.io/acme/mailer', tag: '1.9.0-imagepullbackoff' } },
      environments: [{ environment: 'staging', override: {} }],
    })
    .catch(() => {})
}
