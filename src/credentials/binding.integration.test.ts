import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askReceivePack } from '../forges/git-access.ts'
import { createForge } from '../forges/index.ts'
import { listRemoteRefs, openMirror } from '../git/index.ts'
import { startForge } from '../sandbox/forge/index.ts'
import { Secret } from '../secrets/secret.ts'

// Two real servers: the host of the credential, which lures, and another one, which counts what it is sent.
let dir: string
let first: Server
let second: Server
let lure: (response: ServerResponse, path: string) => void
let asked: string[]
let seen: { path: string; authorization: string | undefined; cookies: string | undefined }[]
let urls: { first: string; second: string }
const token = `ghp_${'b'.repeat(36)}`

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-binding-'))
  asked = []
  seen = []
  first = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization === undefined ? 'bare' : 'auth'}`)
    lure(response, request.url ?? '')
  })
  second = createServer((request, response) => {
    const { authorization, cookie } = request.headers
    const other = request.headers['private-token'] as string | undefined
    seen.push({ path: request.url ?? '', authorization: authorization ?? other, cookies: cookie })
    response.writeHead(401, { 'www-authenticate': 'Basic realm="second"' }).end()
  })
  const listen = (server: Server) =>
    new Promise<string>(resolve => {
      server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as { port: number }).port}`))
    })
  urls = { first: await listen(first), second: await listen(second) }
})
afterEach(async () => {
  for (const server of [first, second]) {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  rmSync(dir, { recursive: true, force: true })
})

const remote = () => ({
  url: `${urls.first}/acme/fleet.git`,
  auth: { kind: 'basic', username: 'octo', password: Secret.of(token) } as const,
})
/** Every way in which a credential of the first host is used. */
const useAll = async () => {
  const kinds = ['github', 'gitlab', 'gitea', 'bitbucket-server'] as const
  const shaped = {
    github: token,
    gitlab: `glpat-${'c'.repeat(20)}`,
    gitea: 'd'.repeat(40),
    'bitbucket-server': 'e'.repeat(44),
  }
  for (const kind of kinds) {
    const forge = createForge({
      kind,
      host: urls.first,
      token: Secret.of(shaped[kind]),
      userAgent: 'test',
      maxWaitMs: 1,
    })
    await forge.identify().catch(() => undefined)
    await forge.repository('acme', 'fleet').catch(() => undefined)
    await forge.deployKeys('acme', 'fleet').catch(() => undefined)
    await forge.close()
  }
  await listRemoteRefs(remote()).catch(() => undefined)
  await askReceivePack(remote()).catch(() => undefined)
  const mirror = await openMirror(join(dir, 'mirror')).catch(() => undefined)
  await mirror?.fetch(remote(), 'refs/heads/main', {}).catch(() => undefined)
}
const sentElsewhere = () => seen.filter(one => one.authorization !== undefined || one.cookies !== undefined)

describe('a credential stays with its host', () => {
  it.each([301, 302, 303, 307, 308])('when the host answers %i to another one', async status => {
    lure = (response, path) => void response.writeHead(status, { location: `${urls.second}${path}` }).end()
    await useAll()
    expect(asked.some(line => line.endsWith('auth'))).toBe(true)
    expect(sentElsewhere()).toEqual([])
    expect(seen).toEqual([])
  })

  it('when the host names another one as realm, token service, next page, alternate or in cookies', async () => {
    lure = response =>
      void response
        .writeHead(401, {
          'www-authenticate': `Bearer realm="${urls.second}/token",service="git", Basic realm="${urls.second}"`,
          link: `<${urls.second}/next>; rel="next"`,
          'alt-svc': `h2="${urls.second.slice(7)}"`,
          'set-cookie': 'a=b; Domain=127.0.0.1',
          'content-type': 'application/json',
        })
        .end(JSON.stringify({ message: 'Bad credentials', documentation_url: `${urls.second}/docs` }))
    await useAll()
    expect(sentElsewhere()).toEqual([])
  })

  it('when pages of a list, or addresses in answers, lie on another host', async () => {
    const links = {
      clone_url: `${urls.second}/x.git`,
      http_url_to_repo: `${urls.second}/x.git`,
      url: `${urls.second}/x`,
    }
    const body = { id: 1, login: 'octo', username: 'octo', name: 'fleet', full_name: 'acme/fleet', ...links }
    lure = (response, path) => {
      const isList = /keys|hooks|projects\?|repos\?/.test(path)
      response
        .writeHead(200, {
          'content-type': 'application/json',
          link: `<${urls.second}/page2>; rel="next"`,
          'x-next-page': `${urls.second}/page2`,
        })
        .end(
          JSON.stringify(
            isList ? Array(100).fill({ ...body, key: 'x', title: 'x' }) : { ...body, next: `${urls.second}/n` },
          ),
        )
    }
    await useAll()
    expect(sentElsewhere()).toEqual([])
  })

  it("when the machine's git configuration rewrites, includes, proxies or helps", async () => {
    lure = response => void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    const home = join(dir, 'home')
    mkdirSync(home)
    const evil = `[url "${urls.second}/"]\n\tinsteadOf = ${urls.first}/\n[http]\n\tproxy = ${urls.second}\n\tfollowRedirects = true\n[credential]\n\thelper = "!f() { git ls-remote ${urls.second}; }; f"\n`
    writeFileSync(join(home, '.gitconfig'), `[include]\n\tpath = ${join(home, 'more')}\n${evil}`)
    writeFileSync(join(home, 'more'), evil)
    const before = { ...process.env }
    Object.assign(process.env, {
      HOME: home,
      XDG_CONFIG_HOME: home,
      GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.${urls.second}/.insteadOf`,
      GIT_CONFIG_VALUE_0: `${urls.first}/`,
      http_proxy: urls.second,
      ALL_PROXY: urls.second,
      GIT_ASKPASS: 'cat',
    })
    try {
      await useAll()
    } finally {
      process.env = before
    }
    expect(asked.length).toBeGreaterThan(0)
    expect(seen).toEqual([])
  })
})

describe('what a repository names', () => {
  it('is not fetched: submodules, LFS and configuration of another host', async () => {
    lure = response => void response.writeHead(404).end()
    const forge = await startForge({ dataDir: join(dir, 'forge') })
    try {
      forge.admin.createUser({ login: 'octo' })
      await forge.admin.createRepository({ owner: 'octo', name: 'fleet', private: true })
      const secret = forge.admin.createToken({ user: 'octo', kind: 'classic', scopes: ['repo'] })
      const auth = { kind: 'basic', username: 'octo', password: secret } as const
      const at = { url: `${forge.url}/octo/fleet.git`, auth }
      const work = join(dir, 'work')
      const git = (...args: string[]) =>
        promisify(execFile)('git', ['-C', work, '-c', 'user.name=t', '-c', 'user.email=t@x', ...args])
      mkdirSync(work)
      await git('init', '-q', '-b', 'main')
      writeFileSync(join(work, '.gitmodules'), `[submodule "m"]\n\tpath = m\n\turl = ${urls.second}/m.git\n`)
      writeFileSync(join(work, '.lfsconfig'), `[lfs]\n\turl = ${urls.second}/lfs\n`)
      writeFileSync(join(work, '.gitattributes'), '*.bin filter=lfs diff=lfs merge=lfs\n')
      writeFileSync(join(work, 'a.bin'), 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n')
      await git('add', '-A')
      await git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},m`)
      await git('commit', '-q', '-m', 'lures')
      const push = new URL(at.url)
      push.username = 'octo'
      push.password = secret.reveal()
      await git('push', '-q', push.href, 'main')
      const mirror = await openMirror(join(dir, 'mirror2'))
      await mirror.fetch(at, 'refs/heads/main', {})
      expect(await listRemoteRefs(at)).toHaveProperty('size')
      expect(seen).toEqual([])
    } finally {
      await forge.close()
    }
  })
})
