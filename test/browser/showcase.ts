import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ChartRepositoryStandIn, packChart } from '../../src/engine/testing/chart-repository.ts'
import { cloneAsPerson } from '../../src/local/git-person.ts'
import { type FleetConsole, helmPath } from './fleet-console.ts'

const run = promisify(execFile)

/**
 * Fills a console as a team would have: people and tokens, applications that do well and one that does not, releases, a chart
 * repository, limits of sizes and a size that was changed. Resolves with what has to be closed after the console.
 */
export async function fillShowcase(ui: FleetConsole): Promise<{ close(): Promise<void> }> {
  const charts = await ChartRepositoryStandIn.start()
  await ui.connect()
  await addPeople(ui)
  await limitSizes(ui)
  await scale(ui, 'web', 4)
  await addCharts(ui, charts)
  await makeApplications(ui)
  return { close: () => charts.close() }
}

async function addPeople(ui: FleetConsole): Promise<void> {
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
    await ui.call('POST', '/tokens', { name, days, grants })
}

/** By a push of somebody's own: rules are a file that people write. */
async function limitSizes({ system }: FleetConsole): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-showcase-'))
  try {
    const until = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10)
    const checkout = await cloneAsPerson({
      url: `${system.forge.url}/acme/fleet.git`,
      token: system.token,
      user: 'octo',
      branch: 'main',
      folder,
      signal: AbortSignal.timeout(30_000),
    })
    await checkout.write(
      'sluice.yaml',
      [
        'guardrails:',
        '  - clusters: [prod]',
        '    groups: [web, batch]',
        '    largestStep: 2',
        '    ceiling: 10',
        '  - groups: [control-plane]',
        '    twoPerson: true',
        '  - clusters: [staging]',
        '    freeze:',
        '      - reason: move to the new site',
        '        from: 2026-01-01',
        `        until: ${until}`,
        '',
      ].join('\n'),
    )
    await run('git', ['-C', folder, 'add', 'sluice.yaml'])
    await checkout.commit('Limit what one commit may change')
    await checkout.push()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function scale(ui: FleetConsole, group: string, size: number): Promise<void> {
  const { id } = await ui.call('POST', '/fleet/clusters/default/prod/scale', { targets: [{ group, size }] })
  await ui.ended(id)
}

async function addCharts(ui: FleetConsole, charts: ChartRepositoryStandIn): Promise<void> {
  for (const [name, version, appVersion, description] of [
    ['podinfo', '6.8.0', '6.8.0', 'A small web application that says where it runs'],
    ['podinfo', '6.9.0', '6.9.0', 'A small web application that says where it runs'],
    ['redis', '20.1.0', '7.4.1', 'Keeps values in memory, for caches and queues'],
    ['ingress', '4.12.0', '1.12.0', 'Takes requests from outside to the services'],
  ] as const) {
    const readme = `# ${name}\n\nWhat the chart installs, and how it is set.\n\n| name | is |\n|---|---|\n| \`image.tag\` | which image |\n`
    const packed = await packChart(name, version, { 'README.md': readme })
    charts.add(name, version, packed, undefined, { description, appVersion })
  }
  await ui.change('/charts', { kind: 'add', repository: { name: 'platform', url: charts.server.url } })
}

async function makeApplications(ui: FleetConsole): Promise<void> {
  if (helmPath === undefined) return
  const web = { kind: 'Template', name: 'web-service', version: '1.0.0' }
  const worker = { kind: 'Template', name: 'worker', version: '1.0.0' }
  await ui.change('/applications', {
    kind: 'create',
    name: 'checkout',
    project: 'shop',
    title: 'Checkout',
    description: 'Takes orders and payments.',
    owners: ['team-checkout'],
    chart: web,
    values: { image: { repository: 'ghcr.io/acme/checkout', tag: '4.2.0' }, replicas: 2 },
    environments: [
      { environment: 'staging', override: { replicas: 1 } },
      { environment: 'production', override: { replicas: 4 } },
    ],
  })
  for (const tag of ['4.2.1', '4.2.2', '4.3.0'])
    await ui.change('/applications', { kind: 'image', app: 'checkout', environment: 'staging', tag })
  await ui.change('/applications', { kind: 'promote', app: 'checkout', from: 'staging', to: 'production' })
  await ui.change('/applications', { kind: 'image', app: 'checkout', environment: 'staging', tag: '4.4.0' })
  // It is not meant to become healthy: the page shows what is to blame.
  await ui
    .change('/applications', {
      kind: 'create',
      name: 'mailer',
      project: 'shop',
      description: 'Sends what customers are told.',
      chart: worker,
      values: { image: { repository: 'ghcr.io/acme/mailer', tag: '1.9.0-imagepullbackoff' } },
      environments: [{ environment: 'staging', override: {} }],
    })
    .catch(() => {})
}
