import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer as createHttp, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { createForge } from '../../src/forges/index.ts'
import { openMirror, writeFiles } from '../../src/git/index.ts'
import { type SandboxForge, startForge } from '../../src/sandbox/forge/index.ts'
import { Secret } from '../../src/secrets/secret.ts'
import { inChromium } from './chromium.ts'
import { type ConsoleUnderTest, startConsole } from './console.ts'
import type { Tab } from './tab.ts'

const bad = `ghp_${'x'.repeat(36)}`
const dayMs = 86_400_000

inChromium('the page of Git connections', () => {
  let dir: string
  let forge: SandboxForge
  let ui: ConsoleUnderTest
  let aheadMs = 0
  const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) }
  const servers: Server[] = []

  /** A host that answers everything alike. */
  async function hostThat(answer: (server: Server) => void, tls?: { key: string; cert: string }): Promise<string> {
    const server = tls === undefined ? createHttp() : createHttps(tls)
    answer(server)
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    servers.push(server)
    return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const tokenOf = (user: string, scopes: readonly string[] = ['repo', 'admin:org'], expiresAt?: Date) =>
    forge.admin
      .createToken({ user, kind: 'classic', scopes, ...(expiresAt === undefined ? {} : { expiresAt }) })
      .reveal()
  const asOwner = (method: string, path: string, body?: object) =>
    fetch(`${forge.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${tokenOf('octo')}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })

  /** By git, as people do. */
  async function pushTo(repository: string): Promise<void> {
    const token = Secret.of(tokenOf('octo'))
    const github = createForge({ kind: 'github', host: forge.url, token, userAgent: 'test' })
    const mirror = await openMirror(join(dir, `mirror-${repository}`))
    const author = { name: 'Octo', email: 'octo@example.com' }
    const changes = [{ path: 'a', content: 'a' }]
    const remote = github.remote('acme', repository)
    await writeFiles({ mirror, remote, branch: 'main', message: 'first', author, changes })
    mirror.close()
    await github.close()
  }

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sluice-gitops-'))
    forge = await startForge({ dataDir: join(dir, 'forge') })
    const { admin } = forge
    admin.createUser({ login: 'octo' })
    admin.createUser({ login: 'mona' })
    admin.createOrganization({ login: 'acme', membersCanCreateRepositories: false })
    admin.createOrganization({ login: 'guarded', requiresSso: true })
    admin.addMember('acme', 'octo', 'admin')
    admin.addMember('acme', 'mona', 'member')
    admin.addMember('guarded', 'octo', 'admin')
    for (const name of ['old', 'full', 'strict']) await admin.createRepository({ owner: 'acme', name })
    await asOwner('PATCH', '/repos/acme/old', { archived: true })
    await pushTo('strict')
    const rules = {
      required_status_checks: null,
      enforce_admins: true,
      required_pull_request_reviews: {},
      restrictions: null,
    }
    expect((await asOwner('PUT', '/repos/acme/strict/branches/main/protection', rules)).status).toBe(200)
    ui = await startConsole({ clock, proveEveryMs: 250 })
  })
  afterEach(async () => {
    aheadMs = 0
    const { administrator } = ui.server
    const { connections } = (await administrator.call('GET', '/api/v1/connections')).body
    // The default one goes last.
    for (const one of connections.reverse()) await administrator.call('DELETE', `/api/v1/connections/${one.id}`)
  })
  afterAll(async () => {
    await ui?.close()
    await forge?.close()
    for (const server of servers) server.close()
    await rm(dir, { recursive: true, force: true })
  })

  const field = ({ page }: Tab, name: string) => page.getByLabel(name, { exact: true })
  const button = ({ page }: Tab, name: string) => page.getByRole('button', { name, exact: true })
  const failed = ({ page }: Tab) =>
    page.getByRole('list', { name: 'Checks' }).getByRole('listitem').filter({ hasText: ': failed' })
  const gate = async () => (await ui.server.administrator.call('GET', '/api/v1/gate')).body

  async function openForm(options: Parameters<ConsoleUnderTest['open']>[0] = {}, kind = 'github'): Promise<Tab> {
    const tab = await ui.open(options)
    await tab.goto(`/gitops?new=${kind}`)
    await field(tab, 'Kind of host').waitFor()
    return tab
  }
  async function fill(tab: Tab, values: { host?: string; token?: string; owner?: string; repository?: string }) {
    await field(tab, 'Git host').fill(values.host ?? forge.url)
    await field(tab, 'Token').fill(values.token ?? tokenOf('octo'))
    await field(tab, 'Organization').fill(values.owner ?? 'acme')
    if (values.repository === undefined) return
    const repository = field(tab, 'Fleet repository')
    if (!(await repository.isVisible())) await tab.page.getByText('Repositories', { exact: true }).click()
    await repository.fill(values.repository)
  }
  async function validate(tab: Tab, verdict: RegExp | string) {
    await button(tab, 'Validate').click()
    await tab.page.getByText(verdict).waitFor()
  }
  async function connect(tab: Tab, token = tokenOf('octo')) {
    await fill(tab, { token })
    await validate(tab, 'Proven: ready to save')
    await button(tab, 'Save').click()
    await tab.page.getByText('deploys by commit').waitFor()
  }

  it('names each thing that is wrong, what the host said and what to do, until all is proven and saved', async () => {
    const tab = await openForm()
    const { page } = tab
    expect(await button(tab, 'Save').isDisabled()).toBe(true)
    const wrongs: readonly [values: Parameters<typeof fill>[1], check: string, ...words: (string | RegExp)[]][] = [
      [{ token: 'nonsense token' }, 'the token is one of this host'],
      [{ token: bad }, 'the host knows the token', 'GitHub said: Bad credentials', /settings\/tokens\/new/],
      [{ token: tokenOf('octo', ['read:org']) }, 'the token has the rights', /repo/],
      [{ owner: 'nobody-here' }, 'the owner of the repository', /nobody of this name/],
      [{ owner: 'guarded' }, 'the owner of the repository', /SAML|SSO|single sign-on/, /within the hour/],
      [{ token: tokenOf('mona'), repository: 'full' }, 'the repository can be used', /role/],
      [{ repository: 'old' }, 'the repository can be used', /archive/i],
      [{ token: tokenOf('mona'), repository: 'fleet' }, 'the account may create', /Ask an owner/],
    ]
    for (const [values, check, ...words] of wrongs) {
      await fill(tab, values)
      await validate(tab, 'A check failed')
      const line = failed(tab)
      expect(await line.count(), check).toBe(1)
      const text = await line.innerText()
      expect(text).toContain(check)
      if (values.token === bad) expect(await page.getByText('not run', { exact: true }).count()).toBeGreaterThan(5)
      for (const word of words) expect(text).toMatch(word)
      expect(await button(tab, 'Save').isDisabled()).toBe(true)
    }
    // A branch that takes requests only is no obstacle, unless one wants commits alone.
    await fill(tab, { repository: 'strict' })
    await field(tab, 'Changes come by').selectOption('never')
    await validate(tab, 'A check failed')
    expect(await failed(tab).innerText()).toContain('the branch can be pushed to')
    await tab.checkAccessibility()
    await field(tab, 'Changes come by').selectOption('auto')
    await page.getByText('Changed since the checks').waitFor()
    await validate(tab, 'Proven: ready to save')
    await page.getByText('You are an owner').waitFor()
    expect(await gate()).toMatchObject({ open: false })
    await button(tab, 'Save').click()
    await page.getByText('deploys by commit').waitFor()
    await page.getByRole('link', { name: 'The Git connection is proven' }).waitFor()
    expect(await gate()).toMatchObject({ open: true, connection: { name: 'acme' } })
    await tab.close()
  })

  it('tells a host that is not there, is none, or is not trusted, from a token that is bad', async () => {
    const tab = await openForm()
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '1'].concat(
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
      ),
      { stdio: 'ignore' },
    )
    const pem = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
    const page = (server: Server) => server.on('request', (_, response) => response.end('<html>Welcome</html>'))
    await fill(tab, { host: 'http://127.0.0.1:9' })
    await validate(tab, 'The host could not be asked')
    await fill(tab, { host: await hostThat(page) })
    await validate(tab, 'A check failed')
    expect(await failed(tab).innerText()).toMatch(/does not answer as a Git host/)
    const secure = await hostThat(page, pem)
    await fill(tab, { host: secure })
    await button(tab, 'Validate').click()
    // The verdict before may be the same: the words of the check are what has to change.
    await failed(tab)
      .filter({ hasText: /certificate/i })
      .waitFor()
    // With its certificate the host is reached, and is seen to be none.
    await tab.page.getByText('TLS and proxy', { exact: true }).click()
    await field(tab, 'CA certificates optional').fill(pem.cert)
    await tab.page.getByText('Changed since the checks').waitFor()
    await validate(tab, 'A check failed')
    await failed(tab)
      .filter({ hasNotText: /certificate/i })
      .waitFor()
    await field(tab, 'HTTP proxy optional').fill('http://user:pass@proxy')
    await button(tab, 'Validate').click()
    await tab.page.getByText('leave out user and password').waitFor()
    tab.allow('422')
    await tab.close()
  })

  it('shows what a hostile host says as text, and follows none of its links', async () => {
    const evil = '<img src=x onerror=alert(1)><script>alert(2)</script> javascript:alert(3) https://evil.example/x'
    const host = await hostThat(server =>
      server.on('request', (_, response) => {
        response.writeHead(403, {
          'content-type': 'application/json',
          'x-github-sso': 'required; url=https://evil.example/sso',
        })
        response.end(JSON.stringify({ message: evil, documentation_url: 'javascript:alert(4)' }))
      }),
    )
    const tab = await openForm()
    const { page } = tab
    let dialogs = 0
    page.on('dialog', dialog => {
      dialogs++
      void dialog.dismiss()
    })
    await fill(tab, { host, owner: '<b>acme</b>"onmouseover=alert(5)' })
    await validate(tab, 'A check failed')
    expect(await failed(tab).innerText()).toContain('<img src=x onerror=alert(1)>')
    await button(tab, 'Save without proof…').click()
    await tab.page.getByRole('dialog').getByRole('button', { name: 'Save without proof' }).click()
    await page.getByText('Nothing deploys with this connection').waitFor()
    for (const tabName of ['Checks', 'Settings', 'History']) {
      await page.getByRole('tab', { name: tabName }).click()
      await page.waitForTimeout(100)
      expect(await page.locator('main img, main script, main b').count()).toBe(0)
      const links = await page.evaluate<string[]>('[...document.links].map(a => a.href)')
      expect(links.filter(link => /evil|javascript/i.test(link))).toEqual([])
    }
    expect(dialogs).toBe(0)
    await tab.close()
  })

  it('saves without proof only what somebody insists on; then the gate stays closed and says why', async () => {
    const tab = await openForm()
    const { page } = tab
    await fill(tab, { token: bad })
    await validate(tab, 'A check failed')
    await button(tab, 'Save without proof…').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('deploys nothing with them').waitFor()
    await tab.checkAccessibility()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await button(tab, 'Save without proof…').click()
    await dialog.getByRole('button', { name: 'Save without proof' }).click()
    await page.getByText('Nothing deploys with this connection').waitFor()
    expect(await gate()).toMatchObject({
      open: false,
      connection: { name: 'acme' },
      why: expect.stringContaining('acme'),
    })
    await page.getByRole('tab', { name: 'History' }).click()
    await page.getByText('(saved without proof)').first().waitFor()
    // Mended: a token that works is proven, and takes the place of the other.
    await page.getByRole('tab', { name: 'Settings' }).click()
    await button(tab, 'Replace the stored one').click()
    await field(tab, 'Token').fill(tokenOf('octo'))
    await validate(tab, 'Proven: ready to save')
    await button(tab, 'Save').click()
    await page.getByText('deploys by commit').waitFor()
    expect(await gate()).toMatchObject({ open: true })
    await tab.close()
  })

  it('turns red by itself, on the open page, when the token is revoked', async () => {
    const token = tokenOf('octo')
    const tab = await openForm({ theme: 'dark' })
    await connect(tab, token)
    forge.admin.revokeToken(Secret.of(token))
    aheadMs = 6 * 60_000
    await tab.page.getByText('Nothing deploys with this connection').waitFor()
    await tab.page.getByRole('link', { name: /^acme: the host knows the token/ }).waitFor()
    expect(await gate()).toMatchObject({ open: false })
    await tab.checkAccessibility()
    await tab.close()
  })

  it('is amber while its token ends soon, and keeps the gate open', async () => {
    const tab = await openForm({ width: 390 })
    await connect(tab, tokenOf('octo')).then(() => tab.page.getByRole('tab', { name: 'Settings' }).click())
    await button(tab, 'Replace the stored one').click()
    await field(tab, 'Token').fill(tokenOf('octo', ['repo', 'admin:org'], new Date(Date.now() + 5.5 * dayMs)))
    await validate(tab, 'Proven: ready to save')
    await button(tab, 'Save').click()
    await tab.page.getByText('It still holds, and deploys go on').waitFor()
    expect(await gate()).toMatchObject({ open: true })
    await tab.checkAccessibility()
    await tab.close()
  })

  it('keeps the stored token until another is proven, and gives it to no other host', async () => {
    const tab = await openForm()
    const { page } = tab
    await connect(tab)
    await page.getByRole('tab', { name: 'Settings' }).click()
    // What no host is asked about is saved as it is.
    await field(tab, 'Name optional').fill('Platform')
    await page.getByText('need not be asked again').waitFor()
    await button(tab, 'Save').click()
    await page.getByRole('heading', { name: 'Platform' }).waitFor()
    await page.getByText('deploys by commit').waitFor()
    await page.getByRole('tab', { name: 'Settings' }).click()
    expect(await page.content()).not.toContain('ghp_')
    await button(tab, 'Replace the stored one').click()
    await field(tab, 'Token').fill(bad)
    await validate(tab, 'A check failed')
    expect(await button(tab, 'Save').isDisabled()).toBe(true)
    await button(tab, 'Keep the stored one').click()
    await validate(tab, 'Proven: nothing is changed')
    await field(tab, 'Git host').fill('git.example.com')
    await page.getByText('goes nowhere else').waitFor()
    expect(await field(tab, 'Token').inputValue()).toBe('')
    await field(tab, 'Git host').fill(forge.url)
    await button(tab, 'Replace the stored one').waitFor()
    await tab.close()
  })

  it('takes a typed token away when the host changes, and says so', async () => {
    const tab = await openForm()
    await fill(tab, {})
    await field(tab, 'Git host').fill('git.example.com')
    await tab.page.getByText('never sent to another').waitFor()
    expect(await field(tab, 'Token').inputValue()).toBe('')
    await tab.close()
  })

  it('is filled in, validated and saved by the keyboard alone, wide and narrow', async () => {
    const tab = await ui.open({ width: 390 })
    const { keyboard } = tab.page
    await tab.goto('/gitops')
    await tab.page.getByText('No Git host is connected').first().waitFor()
    await tab.tabTo(/^GitHub/)
    await keyboard.press('Enter')
    await expect.poll(() => tab.focused()).toBe('Connect GitHub')
    await tab.tabTo('Git host')
    await keyboard.press('Control+a')
    await keyboard.type(forge.url)
    await tab.tabTo('Token')
    await keyboard.insertText(tokenOf('octo'))
    await tab.tabTo('Organization')
    await keyboard.type('acme')
    await tab.page.getByText('You are an owner').waitFor()
    await tab.tabTo('Validate')
    await keyboard.press('Enter')
    await tab.page.getByText('Proven: ready to save').waitFor()
    await tab.checkAccessibility()
    await tab.tabTo('Save')
    await keyboard.press('Enter')
    await tab.page.getByText('deploys by commit').waitFor()
    await tab.close()
  })

  it('binds, defaults and removes several connections', async () => {
    const tab = await openForm()
    const { page } = tab
    await connect(tab)
    await tab.goto('/gitops?new=github')
    await fill(tab, {})
    await field(tab, 'Name optional').fill('Second')
    await validate(tab, 'Proven: ready to save')
    await button(tab, 'Save').click()
    await page.getByRole('heading', { name: 'Second' }).waitFor()
    await page.getByRole('tab', { name: 'Used for' }).click()
    await page.getByText('Nothing deploys with it').waitFor()
    await button(tab, 'Bind a project or environment').click()
    await field(tab, 'Project').fill('shop')
    await button(tab, 'Change bindings').click()
    await page.getByText('The closest binding counts').waitFor()
    await expect
      .poll(async () => (await ui.server.administrator.call('GET', '/api/v1/gate?project=shop')).body.connection.name)
      .toBe('Second')
    expect((await gate()).connection.name).toBe('acme')
    await button(tab, 'Make default').click()
    await page.getByText('It is the default').waitFor()
    await page.getByRole('link', { name: /^acme/ }).click()
    await page.getByRole('heading', { name: 'acme' }).waitFor()
    await button(tab, 'Remove…').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove connection' }).click()
    await page.getByRole('link', { name: /^acme/ }).waitFor({ state: 'hidden' })
    await tab.close()
  })

  it('adds the push webhook at the host, shows what comes of it, and its secret once', async () => {
    const tab = await openForm()
    const { page } = tab
    const dialog = page.getByRole('dialog')
    await fill(tab, { repository: 'full' })
    await validate(tab, 'Proven: ready to save')
    await button(tab, 'Save').click()
    await page.getByText('deploys by commit').waitFor()
    await page.getByRole('tab', { name: 'Push webhook' }).click()
    await page.getByText('No webhook: Sluice looks').waitFor()
    await button(tab, 'Add to acme/full…').click()
    await dialog.getByText('The host has no webhook with this address.').waitFor()
    const hooks = async () => (await (await asOwner('GET', '/repos/acme/full/hooks')).json()) as unknown[]
    expect(await hooks()).toEqual([])
    await tab.checkAccessibility()
    await dialog.getByRole('button', { name: 'Add webhook' }).click()
    await page.getByText('The last delivery was verified').waitFor()
    expect(await hooks()).toHaveLength(1)
    // Another secret: shown once, kept by nothing on the page, and what the host sends with the one before is refused.
    await button(tab, 'Make a new secret…').click()
    await dialog.getByRole('button', { name: 'Make a new secret' }).click()
    await dialog.getByText('shown this once').waitFor()
    await page.keyboard.press('Escape')
    const secret = await dialog.locator('code').innerText()
    expect(secret.length).toBeGreaterThan(30)
    await dialog.getByRole('button', { name: 'I have copied it' }).click()
    await page.getByText('the host has the one before').waitFor()
    expect(await page.content()).not.toContain(secret)
    await pushTo('full')
    await page.getByText('The last delivery was refused: its signature was made with another secret').waitFor()
    await tab.checkAccessibility()
    await button(tab, 'Add again…').click()
    await dialog.getByText('takes its place').waitFor()
    await dialog.getByRole('button', { name: 'Replace webhook' }).click()
    await page.getByText('The last delivery was verified').waitFor()
    await button(tab, 'Remove from the host…').click()
    await dialog.getByRole('button', { name: 'Remove webhook' }).click()
    await button(tab, 'Add to acme/full…').waitFor()
    expect(await hooks()).toEqual([])
    await tab.close()
  })

  it('says what the host says when it takes no webhook, wide and narrow, and adds nothing', async () => {
    const tab = await openForm({ width: 390, theme: 'dark' })
    const { page } = tab
    await connect(tab)
    await page.getByRole('tab', { name: 'Push webhook' }).click()
    await button(tab, 'Add to acme/fleet…').click()
    // The repository is not there yet.
    await page.getByRole('dialog').getByRole('alert').waitFor()
    await tab.checkAccessibility()
    tab.allow('422')
    tab.allow('502')
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('No webhook: Sluice looks').waitFor()
    await tab.close()
  })

  it('shows a viewer the state and no form', async () => {
    const tab = await openForm()
    await connect(tab)
    await tab.close()
    const person = await ui.server.person('vera', [{ role: 'viewer', project: '*', environment: '*' }])
    const theirs = await ui.open({ person, theme: 'dark' })
    await theirs.goto('/gitops?tab=settings')
    await theirs.page.getByText('deploys by commit').waitFor()
    expect(await theirs.page.getByRole('tab').count()).toBe(0)
    // Neither whose repositories it reaches nor who it is there.
    const { connections } = (await person.call('GET', '/api/v1/connections')).body
    for (const text of [JSON.stringify(connections), await theirs.page.locator('main').innerText()])
      expect(text).not.toMatch(/octo|Organization|ghp_/)
    expect(await theirs.page.getByRole('button', { name: /Add connection|Check now|Remove/ }).count()).toBe(0)
    await theirs.checkAccessibility()
    await theirs.close()
  })
})
