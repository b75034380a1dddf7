import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clusterKind, kustomizationKind } from '../../src/fleet/read-fleet.ts'
import { type Checkout, cloneAsPerson } from '../../src/local/git-person.ts'
import type { FleetCluster, FleetGroup } from '../../src/server/contract/fleet.ts'
import type { TestPerson } from '../../src/server/testing/test-server.ts'
import { inChromium } from './chromium.ts'
import { type FleetConsole, startFleetConsole } from './fleet-fixture.ts'

const run = promisify(execFile)

inChromium('the fleet', () => {
  let fleet: FleetConsole
  let admin: TestPerson
  let checkout: Checkout
  let folder: string
  const signal = AbortSignal.timeout(600_000)
  const prod = '/api/v1/fleet/clusters/default/prod'
  const prodFile = 'clusters/mgmt/prod/eksa-system/eksa-cluster.yaml'

  beforeAll(async () => {
    fleet = await startFleetConsole()
    admin = fleet.ui.server.administrator
    const { system } = fleet.local
    folder = await mkdtemp(join(tmpdir(), 'sluice-fleet-clone-'))
    const url = `${system.forge.url}/acme/fleet.git`
    checkout = await cloneAsPerson({ url, token: system.token, user: 'octo', branch: 'main', folder, signal })
  })
  afterAll(async () => {
    await fleet?.close()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  })

  const clusters = async (person = admin): Promise<FleetCluster[]> =>
    (await person.call('GET', '/api/v1/fleet')).body.clusters
  const groupNow = async (cluster: string, group: string): Promise<FleetGroup> =>
    (await clusters()).find(one => one.name === cluster)!.groups.find(one => one.name === group)!
  /** Asks until it holds: the test's own limit ends it. */
  const eventually = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) await new Promise(done => setTimeout(done, 50))
  }
  /** Pushes as somebody outside would, on top of what is there by now. */
  const push = async (path: string, change: (text: string) => string, message: string): Promise<string> => {
    const { token, state } = fleet.local.system
    const basic = Buffer.from(`${state.user}:${token.reveal()}`).toString('base64')
    const env = {
      PATH: process.env['PATH'],
      HOME: folder,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.extraHeader',
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    }
    // Not the blocking way: the Git host runs in this very process.
    await run('git', ['-C', folder, 'pull', '-q', '--rebase'], { env })
    await checkout.write(path, change(await checkout.read(path).catch(() => '')))
    await run('git', ['-C', folder, 'add', path], { env })
    const commit = await checkout.commit(message)
    await checkout.push()
    return commit
  }

  it('scales by the keyboard alone: shows the commit, makes it as the person, follows it to Ready in place', async () => {
    const tab = await fleet.ui.open()
    const { page } = tab
    await tab.goto('/fleet')
    await page.getByRole('rowheader', { name: 'web' }).waitFor()
    await tab.checkAccessibility()
    await tab.tabTo(/Scale prod web/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'prod / web' }).waitFor()
    await tab.tabTo('Machines')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    await page.getByText('Scale prod web from 3 to 5').waitFor()
    await page.getByLabel(`Changes of ${prodFile}`).getByText('count: 5').waitFor()
    expect((await groupNow('prod', 'web')).wanted).toBe(3)
    await tab.checkAccessibility()
    await tab.tabTo('Commit to main')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Change it again' }).waitFor()
    const steps = await page.getByRole('list', { name: 'From commit to Ready' }).getByRole('listitem').allTextContents()
    expect(steps.map(step => /: done/.test(step))).toEqual([true, true, true, true])
    await page.getByText('5 of 5 machines Ready').waitFor()
    const { git, ready } = await groupNow('prod', 'web')
    expect(ready).toBe(5)
    expect(git?.commit).toMatchObject({ author: 'admin', subject: 'Scale prod web from 3 to 5' })
    await page.keyboard.press('Escape')
    await page.getByRole('row', { name: /^web/ }).getByText('5 / 5').waitFor()
    await tab.close()
  })

  it('sets a size back by a revert, previewed', async () => {
    const tab = await fleet.ui.open({ theme: 'dark', width: 390 })
    const { page } = tab
    await tab.goto(`/fleet?open=${encodeURIComponent('default/prod/web')}`)
    await page.getByRole('button', { name: /^Revert / }).click()
    await page.getByText('Revert "Scale prod web from 3 to 5"').waitFor()
    await tab.checkAccessibility()
    await page.getByRole('button', { name: 'Commit to main' }).click()
    await page.getByRole('button', { name: 'Change it again' }).waitFor()
    await page.getByText('3 of 3 machines Ready').waitFor()
    await tab.close()
  })

  it('says in words which rule refuses a size, and makes no commit', async () => {
    await push(
      'sluice.yaml',
      () =>
        'guardrails:\n- clusters: [prod]\n  groups: [web]\n  largestStep: 2\n  ceiling: 20\n' +
        '- clusters: [staging]\n  freeze:\n  - from: 2020-01-01\n    until: 2999-01-01\n    reason: move to the new site\n',
      'Limit changes',
    )
    const tab = await fleet.ui.open()
    const { page } = tab
    const refused = async (path: string, value: string, words: RegExp): Promise<void> => {
      await tab.goto(`/fleet?open=${encodeURIComponent(path)}`)
      await page.getByLabel('Machines', { exact: true }).and(page.getByRole('spinbutton')).fill(value)
      await page.getByRole('alert').getByText(words).waitFor()
      expect(await page.getByRole('button', { name: /^Commit to/ }).isDisabled()).toBe(true)
    }
    await refused('default/prod/control-plane', '4', /cannot be an even number/)
    await refused('default/prod/web', '9', /3 to 9 is 6/)
    await page.getByText('sluice.yaml:4', { exact: true }).waitFor()
    // What is frozen is not asked for first: the list and the group say so, by which line, and until when.
    await tab.goto('/fleet')
    await page.getByText(/^2 groups|^staging\/control-plane, staging\/md-0: frozen \(move to the new site\)/).waitFor()
    await page.getByRole('link', { name: /Scale staging md-0: the freeze lasts until 2999-01-01/ }).waitFor()
    await page.getByRole('row', { name: /^web/ }).getByText('step 2 · max 20').waitFor()
    await tab.checkAccessibility()
    await tab.goto(`/fleet?open=${encodeURIComponent('default/staging/md-0')}`)
    await page.getByText('It cannot be changed while it is frozen, by sluice.yaml:8.').waitFor()
    expect(await page.getByRole('spinbutton').isDisabled()).toBe(true)
    await tab.checkAccessibility()
    await tab.close()
    const job = await admin.call('POST', `${prod}/scale`, { targets: [{ group: 'web', size: 9 }] })
    await eventually(async () => (await admin.call('GET', `/api/v1/jobs/${job.body.id}`)).body.state !== 'running')
    const { steps, error } = (await admin.call('GET', `/api/v1/jobs/${job.body.id}`)).body
    expect(error.code).toBe('E_FLEET_GUARDRAIL')
    expect(steps.map((step: { state: string }) => step.state)).toEqual(['failed', 'not-run', 'not-run', 'not-run'])
    expect((await groupNow('prod', 'web')).git?.size).toBe(3)
  })

  it('shows a push from outside as it comes, with its words as text', async () => {
    const tab = await fleet.ui.open()
    const { page } = tab
    await tab.goto('/fleet')
    const row = page.getByRole('row', { name: /^web/ })
    await row.getByText('3 / 3').waitFor()
    const evil = '<img src=x onerror=alert(1)> **more** [web](javascript:alert(1))'
    await push(
      prodFile,
      text => text.replace('count: 3\n      machineGroupRef', 'count: 4\n      machineGroupRef'),
      evil,
    )
    await row.getByText('4 / 4').waitFor()
    await row.getByText('onerror=alert(1)').waitFor()
    expect(await page.locator('img').count()).toBe(0)
    await tab.close()
  })

  it('shows a change past Git as drift, and that it heals', async () => {
    const { client } = fleet.local.system
    const tab = await fleet.ui.open()
    const { page } = tab
    await tab.goto('/fleet')
    const root = { namespace: 'flux-system', name: 'flux-system' }
    await eventually(async () => (await groupNow('prod', 'web')).ready === 4)
    await client.patch({ ...kustomizationKind, ...root }, 'merge', { spec: { suspend: true } }, { signal })
    const ref = { ...clusterKind, namespace: 'default', name: 'prod' }
    const { spec } = (await client.get(ref, { signal })) as unknown as {
      spec: { workerNodeGroupConfigurations: object[] }
    }
    const groups = spec.workerNodeGroupConfigurations.map(one =>
      'name' in one && one.name === 'web' ? { ...one, count: 2 } : one,
    )
    await client.patch(
      ref,
      'merge',
      { spec: { workerNodeGroupConfigurations: groups } },
      { signal, fieldManager: 'somebody' },
    )
    const row = page.getByRole('row', { name: /^web/ })
    await row.getByText('Drifted').waitFor()
    await page.getByText('1 of 3 need a look').waitFor()
    await row.getByRole('rowheader').click()
    await page.getByText('cluster has 2, Git 4').waitFor()
    await tab.checkAccessibility()
    await client.patch({ ...kustomizationKind, ...root }, 'merge', { spec: { suspend: null } }, { signal })
    await page.getByText('4 of 4 machines Ready').waitFor()
    await tab.close()
  })

  it('takes an edit of the file by a commit, and says what is wrong by line', async () => {
    const { text, version } = (await admin.call('GET', `${prod}/file`)).body
    const bad = text.replace('kubernetesVersion: "1.32"', 'kubernetesVersion: "9.9"\n  nonsense: 1')
    const wrong = (await admin.call('POST', `${prod}/edit/preview`, { text: bad, version })).body
    expect(wrong.refusal.code).toBe('E_FLEET_EDIT_REFUSED')
    expect(wrong.problems.every((one: { line?: number }) => (one.line ?? 0) > 0)).toBe(true)
    const tab = await fleet.ui.open()
    const { page } = tab
    await tab.goto('/fleet/default/prod?tab=file')
    await page.getByLabel(`Edit ${prodFile}`).click()
    await page.keyboard.press('Control+Home')
    await page.keyboard.type('# looked after by the platform team\n')
    await page.getByText('Edit prod', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Commit to main' }).click()
    await page.getByRole('button', { name: 'Done' }).waitFor()
    await tab.close()
    expect((await admin.call('GET', `${prod}/file`)).body.text).toContain('looked after by the platform team')
    const late = (await admin.call('POST', `${prod}/edit/preview`, { text: `${text}# late\n`, version })).body
    expect(late.refusal.code).toBe('E_FLEET_EDIT_CONFLICT')
  })

  it('shows what roles reach: no steppers for viewers, nothing of other clusters, and the server refuses', async () => {
    const viewer = await fleet.ui.server.person('vera', [{ role: 'viewer', project: 'fleet', environment: 'prod' }])
    expect((await clusters(viewer)).map(one => one.name)).toEqual(['prod'])
    expect((await viewer.call('GET', '/api/v1/fleet/clusters/default/staging')).status).toBe(404)
    const wish = { targets: [{ group: 'web', size: 5 }] }
    for (const path of ['scale', 'scale/preview', 'edit', 'edit/preview'])
      expect((await viewer.call('POST', `${prod}/${path}`, wish)).status).toBe(403)
    const other = await fleet.ui.server.person('olga', [{ role: 'operator', project: 'shop', environment: '*' }])
    expect(await clusters(other)).toEqual([])
    const tab = await fleet.ui.open({ person: viewer, width: 390 })
    await tab.goto('/fleet')
    await tab.page.getByText('web', { exact: true }).click()
    await tab.page.getByRole('heading', { name: 'Who changed it' }).waitFor()
    expect(await tab.page.getByRole('heading', { name: 'Scale' }).count()).toBe(0)
    expect(await tab.page.getByRole('link', { name: /^Scale/ }).count()).toBe(0)
    await tab.checkAccessibility()
    await tab.close()
  })

  it('says why nothing can be committed while the gate is closed', async () => {
    const { connections } = (await admin.call('GET', '/api/v1/connections')).body
    await admin.call('DELETE', `/api/v1/connections/${connections[0].id}`)
    const tab = await fleet.ui.open()
    await tab.goto(`/fleet?open=${encodeURIComponent('default/prod/web')}`)
    await tab.page.getByText('Sluice has no connection to a Git host').first().waitFor()
    await tab.checkAccessibility()
    await tab.close()
    const answer = await admin.call('POST', `${prod}/scale`, { targets: [{ group: 'web', size: 3 }] })
    expect(answer.body.error.code).toBe('E_GATE_CLOSED')
  })
})
