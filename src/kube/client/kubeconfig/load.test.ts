import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SluiceError } from '../../../base/errors/index.ts'
import { stringifyYaml } from '../../yaml/stringify.ts'
import { loadKubeConfig } from './load.ts'

const pem = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n'
const keyPem = '-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n'
const base64 = (text: string) => Buffer.from(text).toString('base64')

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-kubeconfig-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let count = 0
beforeEach(() => {
  count = 0
})

interface Parts {
  readonly cluster?: Record<string, unknown>
  readonly user?: Record<string, unknown>
  readonly context?: Record<string, unknown>
  readonly current?: string
  readonly name?: string
}

/** Writes a kubeconfig with one cluster, user and context of one name, and gives its path. */
function write({ name = 'a', ...parts }: Parts): string {
  const path = join(folder, `config-${count++}`)
  writeFileSync(
    path,
    stringifyYaml({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': parts.current ?? name,
      clusters: [{ name, cluster: { server: `https://${name}.test:6443`, ...parts.cluster } }],
      users: [{ name, user: parts.user ?? {} }],
      contexts: [{ name, context: { cluster: name, user: name, ...parts.context } }],
    }),
  )
  return path
}

async function failure(parts: Parts, context?: string): Promise<SluiceError> {
  try {
    await loadKubeConfig({ path: write(parts), env: {}, ...(context === undefined ? {} : { context }) })
  } catch (error) {
    return error as SluiceError
  }
  throw new Error('it was accepted')
}

describe('loadKubeConfig', () => {
  it('reads server, namespace, authority and a client certificate from data', async () => {
    const path = write({
      cluster: {
        'certificate-authority-data': base64(pem),
        'tls-server-name': 'kubernetes',
        server: 'https://a.test:6443/k8s/',
      },
      user: { 'client-certificate-data': base64(pem), 'client-key-data': base64(keyPem) },
      context: { namespace: 'flux-system' },
    })
    const access = await loadKubeConfig({ path, env: {} })
    expect(access).toMatchObject({
      name: 'a',
      server: 'https://a.test:6443/k8s',
      namespace: 'flux-system',
      tls: { ca: pem, serverName: 'kubernetes', insecure: false },
    })
    const { clientCertificate } = await access.credentials.current()
    expect([clientCertificate?.certificate, clientCertificate?.key.reveal()]).toEqual([pem, keyPem])
  })

  it('reads files relative to the kubeconfig that names them', async () => {
    mkdirSync(join(folder, 'pki'), { recursive: true })
    writeFileSync(join(folder, 'pki/ca.crt'), pem)
    writeFileSync(join(folder, 'pki/token'), 'file-token-0123456789\n')
    const path = write({
      cluster: { 'certificate-authority': 'pki/ca.crt' },
      user: { tokenFile: 'pki/token', token: 'other' },
    })
    const access = await loadKubeConfig({ path, env: {} })
    expect(access.tls.ca).toBe(pem)
    // A token file stands before a token.
    expect((await access.credentials.current()).token?.reveal()).toBe('file-token-0123456789')
  })

  it('reads a token file again after a minute and after a refusal', async () => {
    let now = 0
    const clock = { now: () => new Date(), monotonic: () => now, sleep: async () => {} }
    const token = join(folder, 'renewed')
    writeFileSync(token, 'first-token')
    const { credentials } = await loadKubeConfig({ path: write({ user: { tokenFile: token } }), env: {}, clock })
    const current = async () => (await credentials.current()).token?.reveal()
    expect(await current()).toBe('first-token')
    writeFileSync(token, 'second-token')
    expect(await current()).toBe('first-token')
    now = 60_000
    expect(await current()).toBe('second-token')
    writeFileSync(token, 'third-token')
    expect(credentials.refresh()).toBe(true)
    expect(await current()).toBe('third-token')
  })

  it('merges the files of KUBECONFIG: the first one that says something wins', async () => {
    const first = write({ name: 'a', user: { token: 'token-a' }, current: 'a' })
    const second = write({
      name: 'a',
      user: { token: 'token-ignored' },
      cluster: { server: 'https://ignored.test' },
      current: 'b',
    })
    const third = write({ name: 'b', user: { token: 'token-b' } })
    const env = { KUBECONFIG: [first, join(folder, 'missing'), second, third].join(delimiter) }
    const access = await loadKubeConfig({ env })
    expect([access.name, access.server]).toEqual(['a', 'https://a.test:6443'])
    expect((await access.credentials.current()).token?.reveal()).toBe('token-a')
    expect((await loadKubeConfig({ env, context: 'b' })).server).toBe('https://b.test:6443')
  })

  it('looks in the home folder, and says where it looked', async () => {
    const home = join(folder, 'home')
    await expect(loadKubeConfig({ env: { HOME: home } })).rejects.toMatchObject({
      code: 'E_KUBECONFIG_MISSING',
      message: expect.stringContaining(join(home, '.kube', 'config')),
    })
    await expect(loadKubeConfig({ env: {} })).rejects.toMatchObject({ code: 'E_KUBECONFIG_MISSING' })
    await expect(loadKubeConfig({ env: {}, path: join(folder, 'no') })).rejects.toMatchObject({
      code: 'E_KUBECONFIG_MISSING',
    })
  })

  it('finds impersonation and proxies', async () => {
    const path = write({
      cluster: { 'proxy-url': 'http://user:pass-0123456789@proxy.test:3128' },
      user: { as: 'jane', 'as-groups': ['dev'], 'as-user-extra': { reason: ['why'] } },
    })
    const access = await loadKubeConfig({ path, env: {} })
    expect(access.impersonate).toEqual({ user: 'jane', groups: ['dev'], extra: { reason: ['why'] } })
    expect(access.proxyUrl?.reveal()).toContain('proxy.test')
    expect(JSON.stringify(access)).not.toContain('pass-0123456789')
    const fromEnv = await loadKubeConfig({ path: write({}), env: { HTTPS_PROXY: 'proxy.test:3128' } })
    expect(fromEnv.proxyUrl?.reveal()).toBe('http://proxy.test:3128')
    expect(
      (await loadKubeConfig({ path: write({}), env: { https_proxy: 'http://p', no_proxy: '.test' } })).proxyUrl,
    ).toBeUndefined()
  })

  it.each<[string, Parts, string]>([
    ['basic authentication', { user: { username: 'a', password: 'canary-password' } }, 'basic authentication'],
    ['auth-provider', { user: { 'auth-provider': { name: 'gcp' } } }, 'the provider "gcp"'],
    ['a certificate without its key', { user: { 'client-certificate-data': base64(pem) } }, 'only client-certificate'],
    [
      'an authority next to insecure-skip-tls-verify',
      { cluster: { 'insecure-skip-tls-verify': true, 'certificate-authority-data': base64(pem) } },
      'both',
    ],
    ['an authority that is not PEM', { cluster: { 'certificate-authority-data': base64('no') } }, 'a PEM certificate'],
    ['a missing file', { cluster: { 'certificate-authority': '/nowhere/ca.crt' } }, '/nowhere/ca.crt'],
    ['a server without scheme that is no host', { cluster: { server: 'ftp://a' } }, 'an http or https URL'],
    ['no server', { cluster: { server: '' } }, 'the URL of the API server'],
    [
      'credentials in the server',
      { cluster: { server: 'https://u:canary-password@a.test' } },
      'a URL without credentials',
    ],
    [
      'credentials over plain HTTP',
      { cluster: { server: 'http://a.test:8080' }, user: { token: 'canary-password' } },
      'https, because credentials',
    ],
    [
      'exec next to a token',
      { user: { token: 'canary-password', exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'x' } } },
      'either exec or a token',
    ],
    [
      'an exec version that is gone',
      { user: { exec: { apiVersion: 'client.authentication.k8s.io/v1alpha1', command: 'x' } } },
      'v1alpha1',
    ],
    ['groups without a user to act as', { user: { 'as-groups': ['a'] } }, 'as, when'],
    ['a field of the wrong type', { cluster: { 'tls-server-name': 1 } }, 'a text, seen a number'],
    ['a proxy that is none', { cluster: { 'proxy-url': 'gopher://x' } }, 'socks5'],
  ])('refuses %s', async (_, parts, words) => {
    const error = await failure(parts)
    expect(error.code).toBe('E_KUBECONFIG_INVALID')
    expect(error.message).toContain(words)
    expect(JSON.stringify(error) + error.message).not.toContain('canary-password')
  })

  it('names the contexts that there are', async () => {
    const error = await failure({}, 'prod')
    expect([error.code, error.exitCode]).toEqual(['E_KUBECONFIG_CONTEXT', 3])
    expect(error.message).toContain('expected the context "prod", seen a')
    expect((await failure({ context: { cluster: 'gone' } })).message).toContain('the cluster "gone"')
    const path = join(folder, 'no-current')
    writeFileSync(path, 'contexts: [{name: x, context: {cluster: y}}]\n')
    await expect(loadKubeConfig({ path, env: {} })).rejects.toMatchObject({
      code: 'E_KUBECONFIG_CONTEXT',
      next: 'Choose one: kubectl config use-context NAME.',
    })
  })

  it('says in which file and line a kubeconfig is broken', async () => {
    const path = join(folder, 'broken')
    writeFileSync(path, 'clusters:\n- name: a\n  name: b\n')
    await expect(loadKubeConfig({ path, env: {} })).rejects.toMatchObject({
      code: 'E_YAML_SYNTAX',
      message: expect.stringContaining(`${path}:3:3`),
    })
    writeFileSync(path, 'clusters:\n- name: a\n- name: a\n')
    await expect(loadKubeConfig({ path, env: {} })).rejects.toMatchObject({
      code: 'E_KUBECONFIG_INVALID',
      message: expect.stringContaining('"a" twice'),
    })
  })
})
