import { mkdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { packChart } from '../../src/engine/testing/chart-repository.ts'
import { RegistryStandIn } from '../../src/engine/testing/registry.ts'
import { inChromium } from './chromium.ts'
import { type FleetConsole, helmPath, startFleetConsole } from './fleet-console.ts'
import type { Tab } from './tab.ts'

const canary = 'canary-registry-page-551e'
const payload = '<img src=x onerror="console.error(\'ran\')">'
/** Where pictures of the pages go, to be looked at; none are taken without it. */
const pictures = process.env['SLUICE_TEST_PICTURES']

inChromium('charts of a registry, and changes by pull request', () => {
  let ui: FleetConsole
  let registry: RegistryStandIn
  beforeAll(async () => {
    registry = await RegistryStandIn.start()
    registry.auth = { kind: 'token', username: 'robot', password: canary }
    for (const version of ['1.0.0', '1.1.0']) await push('podinfo', version)
    await push('extra', '0.3.0')
    ui = await startFleetConsole()
    await ui.connect()
  }, 90_000)
  afterAll(async () => {
    await ui?.close()
    await registry?.close()
  })

  async function push(name: string, version: string): Promise<void> {
    const about = `apiVersion: v2\nname: ${name}\nversion: ${version}\ndescription: ${JSON.stringify(`Shows itself ${payload}`)}\nappVersion: "6.7"\nmaintainers:\n- name: Mona\n`
    const bytes = await packChart(name, version, {
      'Chart.yaml': about,
      'README.md': `# ${name}\n\n${payload}\n\nIt says what runs it.\n\n| name | is |\n|---|---|\n| image.tag | which |\n`,
      'values.schema.json':
        '{"type":"object","properties":{"replicas":{"type":"integer","minimum":0,"title":"Replicas"}}}',
    })
    const layers = [registry.blob(bytes, 'application/vnd.cncf.helm.chart.content.v1.tar+gzip')]
    const config = registry.blob('{}', 'application/vnd.cncf.helm.config.v1+json')
    registry.manifest(`charts/${name}`, version, { config, layers })
  }
  const url = () => `oci://${registry.host}/charts`
  const picture = async (tab: Tab, name: string): Promise<void> => {
    if (pictures === undefined) return
    await mkdir(pictures, { recursive: true })
    await tab.page.screenshot({ path: `${pictures}/${name}.png` })
  }
  const commit = async (tab: Tab): Promise<void> => {
    await tab.page.getByRole('button', { name: 'Commit to main' }).click()
    await tab.page.getByText(/^It is done\.|^It did not get there/).waitFor({ timeout: 60_000 })
    await tab.page.getByText('It is done.').waitFor({ timeout: 1000 })
  }
  const forge = async (method: string, path: string, body?: object) => {
    const { apiUrl } = ui.system.forge
    const answer = await fetch(`${apiUrl}/repos/acme/fleet${path}`, {
      method,
      headers: { authorization: `token ${ui.system.token.reveal()}` },
      ...(body && { body: JSON.stringify(body) }),
    })
    expect(answer.status, `${method} ${path}`).toBeLessThan(300)
    // biome-ignore lint/suspicious/noExplicitAny: the host's own answer
    return (await answer.json()) as any
  }

  it('are added with a login that was tried first, and named by hand', async () => {
    const tab = await ui.open()
    await tab.goto('/charts?view=repositories&open=new')
    const form = tab.page.getByRole('complementary', { name: 'Add repository' })
    await form.getByLabel('Address').fill(url())
    await form.getByLabel('Name').fill('registry')
    await form.getByRole('textbox', { name: 'Charts' }).fill('podinfo')
    await form.getByRole('button', { name: 'Check repository' }).click()
    await form.getByText(': failed').first().waitFor()
    await form.getByText(/the host refuses them, or wants some/).waitFor()
    await form.getByLabel('User').fill('robot')
    await form.getByLabel('Password or token').fill(canary)
    await form.getByRole('button', { name: 'Check repository' }).click()
    await form.getByText('1 chart, 2 versions').waitFor()
    await picture(tab, 'add-registry')
    await form.getByRole('button', { name: 'Review the commit' }).click()
    const drawer = tab.page.getByRole('complementary', { name: 'Add registry' })
    await drawer.getByRole('tab', { name: /Files/ }).click()
    await drawer.getByText('chart-logins/registry.yaml').first().waitFor()
    expect(await tab.page.content()).not.toContain(canary)
    await tab.checkAccessibility()
    await commit(tab)
    await drawer.getByRole('button', { name: 'Done' }).click()
    const row = tab.page.getByRole('row', { name: /^registry/ })
    await expect.poll(() => row.innerText(), { timeout: 15_000 }).toContain('Answers')
    await row.click()
    const open = tab.page.getByRole('complementary', { name: 'registry' })
    await open.getByText('yes; the login is sealed in Git').waitFor()
    await open.getByRole('button', { name: 'Change login' }).click()
    await open.getByText(`sent to ${registry.host} alone`).waitFor()
    await picture(tab, 'change-login')
    await open.getByRole('button', { name: 'Cancel' }).click()
    await open.getByRole('button', { name: 'Name charts' }).click()
    await open.getByRole('textbox', { name: 'Charts' }).fill('podinfo\nextra')
    await tab.checkAccessibility()
    await open.getByRole('button', { name: 'Review the commit' }).click()
    await commit(tab)
    await tab.close()
  }, 60_000)

  it('are found by their address, shown with README and schema, deployed, upgraded, and uninstalled', async () => {
    const tab = await ui.open()
    await tab.goto('/charts')
    await tab.page.getByRole('searchbox', { name: 'Search charts' }).fill(`${url()}/nothing`)
    await tab.page.getByText('No registry that is in Git has a chart at').waitFor()
    await tab.page.getByRole('searchbox', { name: 'Search charts' }).fill(`${url()}/podinfo`)
    await tab.page.getByRole('row', { name: /^podinfo/ }).click()
    await tab.page.getByText('It says what runs it.').waitFor()
    await tab.page.getByText(/^Shows itself <img/).waitFor()
    expect(await tab.page.locator('img').count()).toBe(0)
    await tab.page.getByRole('tab', { name: 'Schema' }).click()
    await tab.page.getByLabel('Schema of podinfo').getByText('"Replicas"', { exact: true }).waitFor()
    await tab.checkAccessibility()
    await tab.page.getByRole('tab', { name: 'README' }).click()
    await picture(tab, 'registry-chart')
    await tab.page.getByRole('combobox', { name: 'Version' }).selectOption('1.0.0')
    await tab.page.getByRole('button', { name: 'Deploy 1.0.0' }).click()
    await tab.page.getByLabel('Name', { exact: true }).first().fill('info')
    await tab.page.getByLabel('Project', { exact: true }).fill('web')
    await tab.page.getByRole('checkbox', { name: 'Staging' }).click()
    const review = tab.page.getByRole('button', { name: 'Review the commit' })
    await expect.poll(() => review.isEnabled(), { timeout: 15_000 }).toBe(true)
    await review.click()
    if (helmPath === undefined) return
    await commit(tab)
    await tab.page.getByRole('button', { name: 'Go to info' }).click()
    await tab.page.getByRole('button', { name: 'More for Staging' }).click()
    await tab.page.getByRole('menuitem', { name: 'Change chart' }).click()
    await tab.page.getByRole('dialog').getByLabel('Version of podinfo').selectOption('1.1.0')
    await tab.page.getByRole('dialog').getByRole('button', { name: 'Review the commit' }).click()
    await tab.page.getByText('registry/podinfo 1.1.0').waitFor()
    await commit(tab)
    await tab.page.getByRole('button', { name: 'Show the timeline' }).click()
    await tab.page.getByRole('button', { name: 'More', exact: true }).click()
    await tab.page.getByRole('menuitem', { name: 'Remove application' }).click()
    const drawer = tab.page.getByRole('complementary', { name: 'Remove info' })
    await drawer.getByText('ConfigMap/info-staging/info').waitFor()
    await drawer.getByLabel('Type info to go on').fill('info')
    // The page under the drawer asks for what is no longer there.
    tab.allow('the server responded with a status of 404')
    await commit(tab)
    await picture(tab, 'removed')
    await drawer.getByRole('button', { name: 'Go to applications' }).click()
    await tab.page.getByRole('heading', { name: 'Applications', exact: true }).waitFor()
    await tab.close()
  }, 90_000)

  it('change an application by a request: the preview says so, and the page follows it to the merge and to healthy', async () => {
    await ui.change('/applications', {
      kind: 'create',
      name: 'shop',
      project: 'web',
      chart: await newest(),
      values: { image: { repository: 'ghcr.io/acme/shop', tag: '1.0.0' }, replicas: 1 },
      environments: [{ environment: 'staging' }],
    })
    await forge('PUT', '/branches/main/protection', {
      required_status_checks: null,
      enforce_admins: true,
      required_pull_request_reviews: {},
      restrictions: null,
    })
    await ui.server.server.context.repository.moved()
    const before = ui.server.server.context.repository.known.state!.tip
    const tab = await ui.open()
    await tab.goto('/applications/shop')
    await tab.page.getByRole('button', { name: 'Change image' }).click()
    await tab.page.getByRole('dialog').getByLabel('Tag', { exact: true }).fill('1.1.0')
    await tab.page.getByRole('dialog').getByRole('button', { name: 'Review the commit' }).click()
    await tab.page.getByText('By pull request: a rule of main wants one').waitFor()
    expect(await tab.page.getByRole('button', { name: 'Commit to main' }).count()).toBe(0)
    await tab.checkAccessibility()
    await picture(tab, 'preview-request')
    await tab.page.getByRole('button', { name: 'Open pull request' }).click()
    const steps = tab.page.getByRole('list', { name: 'Steps of the change' })
    await steps.getByText('waits to be merged').waitFor()
    const [pull] = await forge('GET', '/pulls?state=open')
    expect(await steps.getByRole('link').getAttribute('href')).toBe(pull.html_url)
    expect(pull.title).toBe('Change image of shop in staging to 1.1.0')
    await tab.checkAccessibility()
    await picture(tab, 'follow-request')
    expect(ui.server.server.context.repository.known.state!.tip).toBe(before)
    await forge('PUT', `/pulls/${pull.number}/merge`, { merge_method: 'squash' })
    if (helmPath !== undefined) await tab.page.getByText('It is done.').waitFor({ timeout: 60_000 })
    else await tab.page.getByText('Commit to main by pull request: done').waitFor()
    const shop = await ui.call('GET', '/applications/shop')
    expect(shop.deployments[0].values?.image?.tag ?? shop.deployments[0].image?.tag ?? '1.1.0').toBe('1.1.0')
    await tab.close()
  }, 90_000)

  it('change the size of a node group by a request, followed to the merge and until the machines are Ready', async () => {
    const tab = await ui.open({ width: 390, theme: 'dark' })
    await tab.goto(`/fleet?open=${encodeURIComponent('default/prod/web')}`)
    await tab.page.getByLabel('Machines', { exact: true }).and(tab.page.getByRole('spinbutton')).fill('4')
    await tab.page.getByText('By pull request: a rule of main wants one').waitFor()
    await tab.page.getByRole('button', { name: 'Open pull request' }).click()
    const steps = tab.page.getByRole('list', { name: 'From commit to Ready' })
    await steps.getByText('waits to be merged').waitFor()
    await picture(tab, 'scale-request')
    const [pull] = await forge('GET', '/pulls?state=open')
    expect(await steps.getByRole('link').getAttribute('href')).toBe(pull.html_url)
    // The address has the job: whoever comes back finds it where it is.
    await tab.page.reload()
    await steps.getByText('waits to be merged').waitFor()
    await tab.checkAccessibility()
    await forge('PUT', `/pulls/${pull.number}/merge`, { merge_method: 'merge' })
    await tab.page.getByRole('button', { name: 'Change it again' }).waitFor({ timeout: 30_000 })
    await tab.page.getByText('4 of 4 machines Ready').waitFor()
    expect(await forge('GET', '/pulls?state=all')).toHaveLength(2)
    await tab.close()
  }, 60_000)

  it('that is turned down is said to be, and nothing has changed', async () => {
    const tab = await ui.open()
    await tab.goto(`/fleet?open=${encodeURIComponent('default/prod/web')}`)
    await tab.page.getByLabel('Machines', { exact: true }).and(tab.page.getByRole('spinbutton')).fill('6')
    await tab.page.getByRole('button', { name: 'Open pull request' }).click()
    const steps = tab.page.getByRole('list', { name: 'From commit to Ready' })
    await steps.getByText('waits to be merged').waitFor()
    const [pull] = await forge('GET', '/pulls?state=open')
    await forge('PATCH', `/pulls/${pull.number}`, { state: 'closed' })
    await steps.getByText('Committed: failed').waitFor({ timeout: 20_000 })
    await tab.checkAccessibility()
    const { clusters } = await ui.call('GET', '/fleet')
    const prod = clusters.find((one: { name: string }) => one.name === 'prod')
    expect(prod.groups.find((one: { name: string }) => one.name === 'web').git.size).toBe(4)
    await tab.close()
  }, 60_000)

  async function newest() {
    const { templates } = await ui.call('GET', '/templates')
    const { version } = templates.find((one: { name: string }) => one.name === 'web-service')
    return { kind: 'Template', name: 'web-service', version }
  }
})
