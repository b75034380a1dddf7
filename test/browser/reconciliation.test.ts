import { afterAll, beforeAll, expect, it } from 'vitest'
import { configMap, World } from '../../src/engine/testing/world.ts'
import { conditionOf } from '../../src/kube/condition.ts'
import { startForge } from '../../src/sandbox/forge/index.ts'
import { startCluster } from '../../src/sandbox/index.ts'
import { inChromium } from './chromium.ts'
import { type ConsoleUnderTest, startConsole } from './console.ts'

const many = 5000
const hostile = '<img src=x onerror="document.title=1">'
const label = (project: string, environment: string) => ({
  labels: { 'apps.sluice.dev/project': project, 'apps.sluice.dev/environment': environment },
})
const deployment = (name: string, image: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: apps
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
        - name: main
          image: ${image}
`

inChromium('reconciliation', () => {
  let world: World
  let ui: ConsoleUnderTest
  beforeAll(async () => {
    world = await World.open(
      { startCluster, startForge },
      {
        'shop/map.yaml': configMap('settings', { colour: 'blue', size: 'large' }),
        'shop/web.yaml': deployment('web', 'nginx:1.29'),
        'vault/ledger.yaml': deployment('ledger', 'nginx:1.29-imagepullbackoff'),
        'many/maps.yaml': Array.from({ length: many }, (_, i) => configMap(`map-${String(i).padStart(4, '0')}`)).join(
          '\n---\n',
        ),
      },
    )
    await world.start({ kubeEvents: true })
    await world.source()
    await world.kustomization('shop', {}, label('shop', 'production'))
    await world.kustomization('vault', { wait: true, timeout: '1s' }, label('bank', 'staging'))
    await world.ready('shop')
    // What is in Git comes back in conditions: a path that is not there, say.
    await world.kustomization('hostile', { path: `./${hostile}` })
    await world.failed('hostile', 'ArtifactFailed')
    await world.client.create({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'hostile.1', namespace: 'apps' },
      involvedObject: {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        namespace: 'apps',
        name: 'hostile',
      },
      reason: hostile,
      message: hostile,
      type: 'Warning',
      lastTimestamp: new Date().toISOString(),
      count: 1,
    })
    ui = await startConsole({ client: world.client })
  })
  afterAll(async () => {
    await ui?.close()
    await world?.close()
  })

  it('begins with what is broken, and leads by the keyboard to the culprit and its line in Git', async () => {
    const tab = await ui.open()
    await tab.goto('/reconciliation')
    const row = tab.page.getByRole('row', { name: /Kustomization\s*vault/ })
    await row.waitFor()
    await tab.checkAccessibility()
    await row.focus()
    await tab.page.keyboard.press('Enter')
    const drawer = tab.page.getByRole('complementary', { name: 'vault' })
    await drawer.getByText('vault/ledger.yaml:13').waitFor()
    expect(await drawer.textContent()).toContain('nginx:1.29-imagepullbackoff')
    await tab.checkAccessibility()
    await tab.page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'hidden' })
    expect(await tab.focused()).toContain('vault')
    await tab.close()
  })

  it('suspends, shows what a client changed with field and manager, and reconciles it away', async () => {
    const tab = await ui.open()
    await tab.goto('/reconciliation?q=kustomization/apps/shop')
    await tab.page.getByRole('row', { name: /shop/ }).click()
    const drawer = tab.page.getByRole('complementary', { name: 'shop' })
    await drawer.getByRole('button', { name: 'Suspend' }).click()
    await drawer.getByRole('button', { name: 'Resume' }).waitFor()
    expect(await drawer.getByRole('button', { name: 'Fetch and reconcile now' }).isDisabled()).toBe(true)
    await tab.page.keyboard.press('Escape')
    const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'apps', name: 'settings' }
    await new Promise(done => setTimeout(done, 1000))
    await world.client.patch(ref, 'merge', { data: { colour: 'red' } }, { fieldManager: 'kubectl-edit' })
    await tab.page.getByLabel('Search by kind, name or message').fill('settings')
    await tab.page.getByRole('row', { name: /settings/ }).click()
    const map = tab.page.getByRole('complementary', { name: 'settings' })
    await map.getByText('data.colour').waitFor()
    const drift = map.getByRole('list', { name: 'Fields that differ' })
    for (const text of ['"blue"', '"red"', 'kubectl-edit']) await drift.getByText(text).waitFor()
    await tab.checkAccessibility()
    await tab.page.keyboard.press('Escape')
    await tab.page.getByLabel('Search by kind, name or message').fill('kustomization/apps/shop')
    await tab.page.getByRole('row', { name: /shop/ }).click()
    await drawer.getByRole('button', { name: 'Resume' }).click()
    await drawer.getByRole('button', { name: 'Suspend' }).waitFor()
    await drawer.getByRole('button', { name: 'Fetch and reconcile now' }).click()
    await drawer.getByRole('list', { name: 'Reconciling' }).getByText('done').first().waitFor()
    expect((await world.client.get(ref))['data']).toEqual({ colour: 'blue', size: 'large' })
    await tab.close()
  })

  it('shows hostile conditions and events as text', async () => {
    const tab = await ui.open()
    for (const path of ['/reconciliation?q=hostile', '/reconciliation?view=events', '/reconciliation?view=graph']) {
      await tab.goto(path)
      const role = path.includes('graph') ? 'button' : 'row'
      await tab.page
        .getByRole(role, { name: /hostile/ })
        .first()
        .waitFor()
      expect(await tab.page.locator('main img').count()).toBe(0)
    }
    await tab.goto('/reconciliation?view=events')
    await tab.page.getByText(hostile).first().waitFor()
    await tab.page
      .getByRole('row', { name: /hostile/ })
      .first()
      .click()
    await tab.page.getByRole('complementary', { name: 'hostile' }).getByText(hostile).first().waitFor()
    expect(await tab.page.title()).toBe('Reconciliation · Sluice')
    await tab.close()
  })

  it('shows a viewer of one project nothing of another, and no button', async () => {
    const person = await ui.server.person('vera', [{ role: 'viewer', project: 'shop', environment: '*' }])
    const tab = await ui.open({ person })
    await tab.goto('/reconciliation?all=all')
    await tab.page.getByRole('row', { name: /settings/ }).waitFor()
    const main = await tab.page.locator('main').textContent()
    for (const text of ['vault', 'ledger', 'fleet', 'hostile']) expect(main).not.toContain(text)
    await tab.page.getByRole('row', { name: /Kustomization\s*shop/ }).click()
    await tab.page.getByRole('complementary', { name: 'shop' }).getByText('Details').waitFor()
    expect(await tab.page.getByRole('button', { name: 'Suspend' }).count()).toBe(0)
    await tab.close()
  })

  it('draws the graph from source to object, folded by kind, in both themes and on a phone', async () => {
    for (const [width, theme] of [
      [1440, 'light'],
      [390, 'dark'],
    ] as const) {
      const tab = await ui.open({ width, theme })
      await tab.goto('/reconciliation?view=graph')
      await tab.page.getByRole('button', { name: /GitRepository\s*Ready\s*fleet/ }).waitFor()
      await tab.page
        .getByRole('button', { name: /Deployment.*ledger/ })
        .first()
        .waitFor()
      await tab.checkAccessibility()
      await tab.close()
    }
  })

  it('has no serious finding of axe on a phone, nor on activity', async () => {
    const tab = await ui.open({ width: 390, theme: 'dark' })
    for (const path of ['/reconciliation', '/activity', '/activity?view=latency', '/activity?view=health']) {
      await tab.goto(path)
      await tab.page.getByRole('tab', { selected: true }).first().waitFor()
      await tab.checkAccessibility()
    }
    await tab.close()
  })

  it('times a commit from fetched to live, and shows who suspended what', async () => {
    await world.commit({ 'shop/map.yaml': configMap('settings', { colour: 'green' }) })
    const tab = await ui.open()
    await tab.goto('/activity?view=latency&of=fleet')
    await tab.page
      .getByRole('table', { name: 'Commits' })
      .getByText(/Kustomization\/apps\/shop/)
      .first()
      .waitFor()
    await tab.goto('/activity?view=audit&action=reconciliation.suspend')
    await tab.page
      .getByRole('row', { name: /Kustomization\/apps\/shop/ })
      .first()
      .click()
    await tab.page
      .getByRole('complementary', { name: 'reconciliation.suspend' })
      .getByText('shop in production')
      .waitFor()
    await tab.goto('/activity?view=health')
    await tab.page.getByText('SQLite').waitFor()
    await tab.page.getByText(/Kubernetes v/).waitFor()
    await tab.close()
  })

  it(`stays smooth with ${many} objects`, async () => {
    await world.kustomization('many')
    await world.until('Kustomization', 'many', one => conditionOf(one, 'Ready')?.status === 'True', { ms: 100_000 })
    const tab = await ui.open()
    await tab.goto('/reconciliation?all=all')
    await tab.page.getByText(/^5,0\d\d objects$/).waitFor({ timeout: 60_000 })
    expect(await tab.page.locator('tbody tr').count()).toBeLessThan(120)
    const frames = await tab.page.evaluate<number[]>(`new Promise(done => {
      const times = []
      let last = performance.now()
      const step = now => {
        times.push(now - last)
        last = now
        window.scrollBy(0, 400)
        if (times.length < 90) requestAnimationFrame(step)
        else done(times)
      }
      requestAnimationFrame(step)
    })`)
    const sorted = frames.sort((a, b) => a - b)
    console.log(
      `frames while scrolling ${many} rows: p50 ${sorted[45]!.toFixed(1)} ms, p95 ${sorted[85]!.toFixed(1)} ms, longest ${sorted.at(-1)!.toFixed(1)} ms`,
    )
    await tab.goto('/reconciliation?view=graph')
    await tab.page.getByRole('button', { name: /ConfigMap\s*5,000\s*more: show them/ }).waitFor({ timeout: 30_000 })
    expect(await tab.page.locator('.react-flow__node').count()).toBeLessThan(60)
    await tab.close()
  })
})
