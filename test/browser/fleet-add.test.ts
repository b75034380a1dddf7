import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lookAlikeText } from '../../src/flux/testing/look-alike.ts'
import { eksaFiles } from '../harness/eksa-repository.ts'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { fluxCrds } from '../harness/flux-stand-in.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { inChromium } from './chromium.ts'
import { type ConsoleUnderTest, startConsole } from './console.ts'
import { picture } from './picture.ts'
import type { Tab } from './tab.ts'

inChromium('adding a cluster', () => {
  let local: LocalFixture
  let ui: ConsoleUnderTest
  /** What a bootstrap waits for before it writes the Secret. */
  let held: Promise<void> | undefined
  let release = (): void => {}
  const file = async (name: string, change = (text: string) => text) => ({
    name,
    mimeType: 'text/yaml',
    buffer: Buffer.from(change(await readFile(join(exampleSpecs, name), 'utf8'))),
  })

  beforeAll(async () => {
    local = await startFixture()
    ui = await startConsole({
      client: local.system.client,
      effect: async (name, work) => {
        if (name === 'engine.apply.Secret') await held
        return work()
      },
    })
  })
  afterAll(async () => {
    release()
    await ui?.close()
    await local?.close()
  })

  async function connect(): Promise<void> {
    const { administrator } = ui.server
    const settings = {
      owner: 'acme',
      personal: false,
      repository: 'fleet',
      branch: 'main',
      repositoryTemplate: '{app}-config',
      visibility: 'private',
      review: 'auto',
    }
    const draft = { name: 'Acme', kind: 'github', host: local.system.forge.url, settings }
    const wish = { draft, credential: { token: local.system.token.reveal() } }
    const job = await administrator.call('POST', '/api/v1/connections/validate', wish)
    while ((await administrator.call('GET', `/api/v1/jobs/${job.body.id}`)).body.state === 'running')
      await new Promise(done => setTimeout(done, 20))
    const saved = await administrator.call('POST', '/api/v1/connections', { ...wish, validation: job.body.id })
    expect(saved.status, saved.text).toBe(201)
  }
  const planned = async ({ page }: Tab): Promise<void> => {
    await page.getByRole('button', { name: /^Check and plan/ }).click()
    await page.getByRole('heading', { name: 'The plan', exact: true }).waitFor()
  }

  it('begins at the empty fleet, and says that a Git host comes first', async () => {
    const tab = await ui.open()
    const { page } = tab
    await tab.goto('/fleet')
    await page.getByRole('link', { name: 'Add a cluster' }).click()
    await page.getByRole('heading', { name: 'Add a cluster' }).waitFor()
    await page.getByText('Sluice has no connection to a Git host').waitFor()
    await page.getByText('It needs a spec.').waitFor()
    expect(await page.getByRole('button', { name: 'Check and plan' }).isDisabled()).toBe(true)
    await tab.checkAccessibility()
    await connect()
    await page
      .getByLabel('Connection')
      .and(page.locator('select'))
      .getByText('Acme (GitHub)')
      .waitFor({ state: 'attached' })
    await tab.close()
  })

  it('has each engine with what it needs, and plans its objects', async () => {
    const tab = await ui.open()
    const { page } = tab
    await tab.goto('/fleet/add')
    await page.getByRole('radio', { name: /^Any Kubernetes cluster/ }).click()
    await page.getByLabel('Name', { exact: true }).fill('lab')
    await page.getByRole('radio', { name: /^Sluice, in the cluster/ }).click()
    await page.getByText('The engine in the cluster needs an image.').waitFor()
    await page.getByLabel('Image', { exact: true }).fill('https://reg/a')
    await page.getByText(/This names no image/).waitFor()
    await page.getByLabel('Image', { exact: true }).fill('registry.example.com/sluice:0.1.0')
    await planned(tab)
    await page.getByText("Sluice's, in the cluster: registry.example.com/sluice:0.1.0").waitFor()
    const plan = page.getByRole('list', { name: 'The plan' })
    await plan.getByText('Deployment/flux-system/sluice-engine', { exact: true }).waitFor()
    await tab.checkAccessibility()
    await picture(tab, 'fleet-add-engine-cluster')
    await page.getByRole('radio', { name: /^Flux/ }).click()
    await page.getByText('The plan below is of other settings.').waitFor()
    await page.getByLabel('Version').fill('two')
    await page.getByText(/a version such as v2.9.4/).waitFor()
    await page.getByLabel('Manifests', { exact: true }).selectOption('file')
    await page.getByText('It needs the manifests of Flux.').waitFor()
    const text = lookAlikeText({ crds: fluxCrds })
    const choose = page.getByLabel('File with the manifests of Flux')
    const flux = (content: string) => ({ name: 'flux.yaml', mimeType: 'text/yaml', buffer: Buffer.from(content) })
    await choose.setInputFiles(flux(text.slice(0, text.length / 2)))
    await page.getByText(/^Expected .*flux install/).waitFor()
    await choose.setInputFiles(flux(text))
    await page.getByRole('status', { name: 'Manifests of Flux' }).getByText('Flux v2.9.4: source-controller').waitFor()
    await planned(tab)
    await page.getByText('Flux v2.9.4, in the cluster').waitFor()
    await plan.getByText('Deployment/flux-system/kustomize-controller', { exact: true }).waitFor()
    await tab.checkAccessibility()
    await picture(tab, 'fleet-add-engine-flux')
    await page.reload()
    await page.getByText('Flux v2.9.4, in the cluster').waitFor()
    const button = page.getByRole('button', { name: 'Commit to main, and follow it' })
    await expect.poll(() => button.isEnabled()).toBe(true)
    await tab.close()
  })

  it('brings specs to Ready: mended by line, planned with every file and object, followed live', async () => {
    const tab = await ui.open()
    const { page } = tab
    await tab.goto('/fleet/add')
    const choose = page.locator('input[type=file]')
    await choose.setInputFiles([
      await file('mgmt.yaml', text => text.replace('count: 3', 'count: 4')),
      await file('prod.yaml'),
    ])
    await page.getByRole('button', { name: 'mgmt.yaml:11' }).click()
    await page
      .getByRole('list', { name: 'Problems of the specs' })
      .getByText(/even number/)
      .waitFor()
    await page.getByText('One thing is to be mended first.').waitFor()
    await choose.setInputFiles([await file('mgmt.yaml')])
    const clusters = page.getByRole('list', { name: 'Clusters of the specs' })
    await clusters.getByText('workload cluster').waitFor()
    await page.getByRole('status', { name: 'Where it goes' }).getByText('clusters/mgmt').waitFor()
    await planned(tab)
    await page.getByRole('list', { name: 'Checks' }).getByText('the cluster answers').waitFor()
    const plan = page.getByRole('list', { name: 'The plan' })
    await plan.getByText('clusters/mgmt/prod/eksa-system/eksa-cluster.yaml').click()
    await page
      .getByLabel(/^Changes of .*prod.eksa-system.eksa-cluster.yaml/)
      .getByText('name: prod')
      .first()
      .waitFor()
    await plan.getByText('Secret/flux-system/flux-system').click()
    await page.getByLabel('Changes of Secret/flux-system/flux-system').getByText("password: '***'").waitFor()
    await tab.checkAccessibility()
    // The address holds the plan: loaded again, it is all there.
    await page.reload()
    await page.getByRole('heading', { name: 'The plan', exact: true }).waitFor()
    await clusters.getByText('workload cluster').waitFor()
    const button = page.getByRole('button', { name: 'Commit to main, and follow it' })
    await expect.poll(() => button.isEnabled()).toBe(true)
    held = new Promise(done => {
      release = done
    })
    await button.click()
    await page.getByRole('heading', { name: 'Bringing the cluster under Git' }).waitFor()
    const done = page.getByRole('list', { name: 'What is done' })
    await done.getByText('make the cluster follow the repository: running').waitFor()
    const cancelled = page.waitForResponse(answer => answer.url().endsWith('/cancel'))
    await page.getByRole('button', { name: 'Stop' }).click()
    await cancelled
    release()
    held = undefined
    // Stopped midway, it is listed, and goes on from there.
    await page.getByRole('button', { name: 'Go on' }).waitFor()
    await tab.checkAccessibility()
    await tab.goto('/fleet/add')
    const begun = page.getByRole('list', { name: 'Begun and not done' })
    await begun.getByText('was ended midway').waitFor()
    await begun.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('The cluster agrees with Git.').waitFor({ timeout: 60_000 })
    await tab.checkAccessibility()
    await page.getByRole('link', { name: 'Go to prod' }).click()
    await page.getByRole('heading', { name: 'prod', exact: true }).waitFor()
    const [commit] = await fleetRepositoryOf(local).log()
    expect(commit).toMatchObject({ subject: 'Add mgmt, prod to the fleet of mgmt', author: { name: 'admin' } })
    await tab.close()
  })

  it('is planned again when Git moved, and only what was seen is done', async () => {
    const tab = await ui.open({ theme: 'dark', width: 390 })
    const { page } = tab
    await tab.goto('/fleet/add')
    await page.locator('input[type=file]').setInputFiles([await file('mgmt.yaml'), await file('staging.yaml')])
    await page.getByRole('list', { name: 'Clusters of the specs' }).getByText('staging').waitFor()
    await planned(tab)
    const path = 'clusters/mgmt/staging/eksa-system/eksa-cluster.yaml'
    const repository = fleetRepositoryOf(local)
    const text = await readFile(join(exampleSpecs, 'staging.yaml'), 'utf8')
    await repository.push({ [path]: `# Somebody was faster.\n${text}` })
    await page.getByRole('button', { name: 'Commit to main, and follow it' }).click()
    await page.getByText('Git or the cluster is not as it was').first().waitFor()
    await tab.checkAccessibility()
    await repository.push({ [path]: undefined })
    await page.getByRole('button', { name: 'Plan again' }).click()
    await page.getByRole('heading', { name: 'The plan', exact: true }).waitFor()
    await page.getByRole('list', { name: 'Clusters of the specs' }).getByText('staging').waitFor()
    await tab.close()
  })

  it('takes no kubeconfig that runs a program, by the keyboard alone', async () => {
    const tab = await ui.open()
    const { page } = tab
    await tab.goto('/fleet/add')
    await tab.tabTo(/^From specs/)
    await page.keyboard.press('ArrowRight', { delay: 50 })
    await tab.tabTo('Name')
    await page.keyboard.type('lab')
    await tab.tabTo(/^The cluster of this server/)
    await page.keyboard.press('ArrowRight', { delay: 50 })
    await tab.tabTo('Kubeconfig')
    await page.keyboard.insertText(
      'apiVersion: v1\ncurrent-context: a\ncontexts: [{ name: a, context: { cluster: c, user: u } }]\nclusters: [{ name: c, cluster: { server: "https://10.0.0.1" } }]\nusers: [{ name: u, user: { exec: { command: aws } } }]\n',
    )
    await page.getByText(/a program, which is not run here/).waitFor()
    await page.getByLabel('Kubeconfig').fill(local.system.cluster.kubeconfig())
    await page.getByRole('button', { name: 'Replace' }).waitFor()
    await tab.checkAccessibility()
    await tab.close()
  })

  it('imports a repository that EKS Anywhere made, with the proof that nothing changes', async () => {
    const { forge } = local.system
    await forge.admin.createRepository({ owner: 'acme', name: 'eksa', private: true })
    await fleetRepositoryOf(local, 'eksa').push(await eksaFiles(`${forge.url}/acme/eksa.git`))
    const tab = await ui.open()
    const { page } = tab
    await tab.goto('/fleet/add')
    await page.getByRole('radio', { name: /^An existing repository/ }).click()
    await page.getByLabel('Repository').fill('acme/eksa')
    await planned(tab)
    await page.getByText(/objects were built with and without what Sluice adds: they are the same/).waitFor()
    await page.getByText('made by EKS Anywhere').waitFor()
    await tab.checkAccessibility()
    await page.getByRole('button', { name: 'Commit to main' }).click()
    await page.getByText('Sluice manages the repository.').waitFor()
    await tab.close()
  })

  it('is for administrators alone', async () => {
    const person = await ui.server.person('olga', [{ role: 'operator', project: '*', environment: '*' }])
    const tab = await ui.open({ person })
    const { page } = tab
    await tab.goto('/fleet')
    await page.getByRole('rowheader', { name: 'web' }).waitFor()
    expect(await page.getByRole('link', { name: 'Add a cluster' }).count()).toBe(0)
    await tab.close()
  })
})
