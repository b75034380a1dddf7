import { createHash } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fluxKinds } from '../specs/index.ts'
import type { FluxOptions } from './options.ts'
import { loadManifests, type ManifestSource } from './source.ts'
import { lookAlikeText } from './testing/look-alike.ts'

const crds = fluxKinds.map(kind => kind.crd())
const text = lookAlikeText({ crds })
const digestOf = (value: string) => `sha256:${createHash('sha256').update(value).digest('hex')}`
// A release's own file: no options were applied to it, and images have no registry.
const bare = text
  .replaceAll('ghcr.io/fluxcd/', 'fluxcd/')
  .replaceAll('app.kubernetes.io/version: v2.9.4', 'app.kubernetes.io/version: latest')
  .replace(/^---\n(#.*\n)+/, '')

describe('the manifests of Flux', () => {
  let server: Server
  let base = ''
  let folder = ''
  const answers = new Map<string, { status?: number; body?: string; cut?: boolean; location?: string }>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-test-'))
    server = createServer((request, response) => {
      const answer = answers.get(request.url ?? '')
      if (answer === undefined) return void response.writeHead(404).end('Not Found')
      const { status = 200, body = '', cut = false, location } = answer
      response.writeHead(status, location ? { location } : { 'content-length': Buffer.byteLength(body) })
      if (!cut) return void response.end(body)
      response.write(body.slice(0, body.length / 2), () => response.destroy())
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    answers.set('/gotk.yaml', { body: text })
    answers.set('/cut.yaml', { body: text, cut: true })
    answers.set('/moved.yaml', { status: 302, location: '/gotk.yaml' })
    answers.set('/round.yaml', { status: 302, location: '/round.yaml' })
    answers.set('/away.yaml', { status: 302, location: 'http://flux.invalid/gotk.yaml' })
    answers.set('/long.yaml', { body: 'a'.repeat(9 * 1024 * 1024) })
    answers.set('/v2.9.4/install.yaml', { body: bare })
    answers.set('/v2.9.4/flux_2.9.4_checksums.txt', {
      body: `${'0'.repeat(64)}  flux_2.9.4_linux_amd64.tar.gz\n${digestOf(bare).slice(7)}  install.yaml\n`,
    })
    answers.set('/v2.9.3/install.yaml', { body: `${bare}# changed\n` })
    answers.set('/v2.9.3/flux_2.9.3_checksums.txt', { body: `${digestOf(bare).slice(7)}  install.yaml\n` })
    answers.set('/v2.9.2/install.yaml', { body: bare })
    answers.set('/v2.9.2/flux_2.9.2_checksums.txt', { body: `${'0'.repeat(64)}  flux.tar.gz\n` })
  })
  afterAll(async () => {
    server.close()
    await rm(folder, { recursive: true, force: true })
  })

  const load = (source: ManifestSource, options: FluxOptions = {}, env: Record<string, string> = {}) =>
    loadManifests({ source, options, namespace: 'flux-system', env, signal: new AbortController().signal })
  const at = (path: string, digest?: string): ManifestSource => ({ from: 'url', url: `${base}${path}`, digest })

  it('come from a file, also with a digest', async () => {
    const path = join(folder, 'gotk.yaml')
    await writeFile(path, text)
    expect((await load({ from: 'file', path })).manifests.text).toBe(text)
    expect((await load({ from: 'file', path, digest: digestOf(text) })).origin).toContain(digestOf(text))
    await expect(load({ from: 'file', path, digest: digestOf('x') })).rejects.toMatchObject({
      code: 'E_FLUX_MANIFESTS_DIGEST',
    })
    await expect(load({ from: 'file', path: join(folder, 'none') })).rejects.toMatchObject({ code: 'E_FILE_READ' })
  })

  it('come from an address whose content has the digest', async () => {
    expect((await load(at('/gotk.yaml', digestOf(text)))).manifests.text).toBe(text)
    expect((await load(at('/moved.yaml', digestOf(text)))).manifests.version).toBe('v2.9.4')
  })

  it.each<[string, string | undefined, string]>([
    ['/gotk.yaml', undefined, 'E_FLUX_MANIFESTS_DIGEST'],
    ['/gotk.yaml', digestOf('x'), 'E_FLUX_MANIFESTS_DIGEST'],
    ['/gotk.yaml', 'sha256:12', 'E_FLUX_MANIFESTS_DIGEST'],
    ['/gotk.yaml', 'md5:12', 'E_FLUX_MANIFESTS_DIGEST'],
    ['/none.yaml', digestOf(text), 'E_FLUX_DOWNLOAD'],
    ['/cut.yaml', digestOf(text), 'E_FLUX_DOWNLOAD'],
    ['/long.yaml', digestOf(text), 'E_FLUX_DOWNLOAD'],
    ['/round.yaml', digestOf(text), 'E_FLUX_DOWNLOAD'],
    ['/away.yaml', digestOf(text), 'E_FLUX_DOWNLOAD'],
  ])('%s with the digest %s is refused', async (path, digest, code) => {
    await expect(load(at(path, digest))).rejects.toMatchObject({ code })
  })

  it('are not fetched over plain http from elsewhere, nor with a password in the address', async () => {
    const digest = digestOf(text)
    for (const url of ['http://example.com/a', 'https://a:b@example.com/a', 'ftp://example.com/a', 'nothing'])
      await expect(load({ from: 'url', url, digest })).rejects.toMatchObject({ code: 'E_FLUX_DOWNLOAD' })
  })

  it('come from a release, with the options of flux install and proved by its checksums', async () => {
    const { manifests, origin } = await load(
      { from: 'release', releases: base },
      { registry: 'mirror.example.com/flux' },
    )
    const expected = lookAlikeText({ crds, registry: 'mirror.example.com/flux' })
    expect(manifests.text).toBe(expected)
    expect(origin).toContain(`by ${base}/v2.9.4/flux_2.9.4_checksums.txt`)
    expect((await load({ from: 'release', releases: base })).manifests.text).toBe(text)
  })

  it('of a release that cannot be proved are refused', async () => {
    const of = (version: string, digest?: string) => load({ from: 'release', releases: base, digest }, { version })
    await expect(of('v2.9.3')).rejects.toMatchObject({ code: 'E_FLUX_MANIFESTS_DIGEST' })
    await expect(of('v2.9.2')).rejects.toMatchObject({ code: 'E_FLUX_MANIFESTS_DIGEST' })
    expect((await of('v2.9.2', digestOf(bare))).manifests.version).toBe('v2.9.2')
    await expect(of('v2.9.1')).rejects.toMatchObject({ code: 'E_FLUX_DOWNLOAD' })
  })

  it('come from the flux on PATH, which gets the options and no credentials', async () => {
    const path = join(folder, 'flux')
    const said = join(folder, 'said')
    await writeFile(join(folder, 'out.yaml'), text)
    await writeFile(path, `#!/bin/sh\n/bin/echo "$@" > ${said}\n/usr/bin/env >> ${said}\n/bin/cat ${folder}/out.yaml\n`)
    await chmod(path, 0o755)
    const env = { PATH: folder, GITHUB_TOKEN: 'never-passed-on', HTTPS_PROXY: 'http://proxy:3128', KUBECONFIG: '/mine' }
    const { manifests } = await load(
      { from: 'cli' },
      { logLevel: 'info', components: ['source-controller', 'kustomize-controller'] },
      env,
    )
    expect(manifests.version).toBe('v2.9.4')
    const seen = await readFile(said, 'utf8')
    expect(seen).toContain(
      'install --export --namespace=flux-system --log-level=info --components=source-controller,kustomize-controller',
    )
    expect(seen).toContain('HTTPS_PROXY=http://proxy:3128')
    expect(seen).not.toMatch(/never-passed-on|\/mine/)
    await expect(load({ from: 'cli' }, { version: 'v2.8.0' }, env)).rejects.toMatchObject({ code: 'E_FLUX_OPTION' })
    await writeFile(path, '#!/bin/sh\necho "✗ unknown flag: --x" >&2\nexit 1\n')
    await expect(load({ from: 'cli' }, {}, env)).rejects.toMatchObject({
      code: 'E_FLUX_CLI',
      message: expect.stringContaining('unknown flag'),
    })
    await expect(load({ from: 'cli' }, {}, { PATH: '/nonexistent' })).rejects.toMatchObject({ code: 'E_FLUX_CLI' })
  })
})
