import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forgeKinds } from '../forges/create-forge.ts'
import { knownHostLine } from '../git/known-hosts.ts'
import { makeSshKey } from '../git/make-key.ts'
import { Secret } from '../secrets/secret.ts'
import { SecretStore } from '../secrets/store.ts'
import { fingerprintOf } from './fingerprint.ts'
import { credentialHost, isOnHost } from './host.ts'
import { type CredentialSources, findToken } from './resolve.ts'
import { findSshKey } from './resolve-ssh.ts'
import { sshAddress } from './ssh-address.ts'
import { tokenForHost } from './token-file.ts'
import { tokenVariables } from './variables.ts'

let dir: string
let store: SecretStore
const github = { kind: 'github', host: 'github.com' } as const

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-resolve-'))
  store = new SecretStore({ path: join(dir, 'store/store.json'), keyFile: join(dir, 'key') })
  const put = (name: string, host: string, text: string) => {
    const secret = Secret.of(text)
    const fingerprint = fingerprintOf('token', secret)
    return store.put({ name, kind: 'token', host, fingerprint, added: '2026-01-01T00:00:00Z' }, { secret })
  }
  await put('github.com', 'github.com', 'kept-token')
  await put('other', 'git.example.com:8443', 'other-token')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const find = async (sources: Partial<CredentialSources>, query: Parameters<typeof findToken>[0] = github) => {
  const { token, from, notes } = await findToken(query, { env: {}, ...sources })
  return { token: token.reveal(), from, notes }
}
const file = (text: string) => ({ name: 'x.env', text })

describe('a token', () => {
  it('is looked for in the file, then the environment, then the store', async () => {
    const env = { GITHUB_TOKEN: 'env-token' }
    expect(await find({ file: file('GITHUB_TOKEN=file-token'), env, store })).toMatchObject({ token: 'file-token' })
    expect(await find({ env, store })).toMatchObject({ token: 'env-token', from: 'GITHUB_TOKEN' })
    expect(await find({ store })).toMatchObject({
      token: 'kept-token',
      from: 'the sealed store (github.com)',
      notes: [],
    })
  })

  it('of the store that is asked for by name comes before everything else', async () => {
    const env = { GITHUB_TOKEN: 'env-token' }
    expect(await find({ env, store, credential: 'github.com' })).toMatchObject({ token: 'kept-token' })
  })

  it.each(forgeKinds)('of %s is read from each of its variables', async kind => {
    for (const name of tokenVariables[kind])
      expect(await find({ env: { [name]: 'some-token' } }, { kind, host: 'h.example' })).toMatchObject({ from: name })
  })

  it('that another source contradicts is said, without either value', async () => {
    const found = await find({ env: { EKSA_GITHUB_TOKEN: 'one-token', GITHUB_TOKEN: 'two-token' }, store })
    expect(found.notes).toEqual([
      'GITHUB_TOKEN holds another token for github.com than EKSA_GITHUB_TOKEN, which is used',
      'the sealed store (github.com) holds another token for github.com than EKSA_GITHUB_TOKEN, which is used',
    ])
    expect((await find({ env: { EKSA_GITHUB_TOKEN: 'kept-token', GITHUB_TOKEN: 'kept-token' }, store })).notes).toEqual(
      [],
    )
  })

  it('of the store goes to its host and port only', async () => {
    const at = (host: string) => find({ store }, { kind: 'gitea', host })
    expect(await at('https://git.example.com:8443/')).toMatchObject({ token: 'other-token' })
    for (const host of ['git.example.com', 'git.example.com:8444', 'example.com:8443', 'git.example.com.evil:8443'])
      await expect(at(host)).rejects.toMatchObject({ code: 'E_TOKEN_MISSING' })
    await expect(find({ store, credential: 'other' })).rejects.toMatchObject({ code: 'E_CREDENTIAL_HOST' })
  })

  it('of a file or an environment that names its host goes nowhere else', async () => {
    const named = file('GITHUB_TOKEN=file-token\nSLUICE_GIT_HOST=ghe.example.com')
    await expect(find({ file: named })).rejects.toMatchObject({ code: 'E_CREDENTIAL_HOST' })
    expect(await find({ file: named }, { kind: 'github', host: 'ghe.example.com' })).toMatchObject({
      token: 'file-token',
    })
    const env = { GITHUB_TOKEN: 'env-token', SLUICE_GIT_HOST: 'ghe.example.com' }
    await expect(find({ env })).rejects.toThrow('GITHUB_TOKEN for ghe.example.com')
  })

  it('that does not say its host stays at home when nobody named the host', async () => {
    const query = { kind: 'gitlab', host: 'git.evil.example', unnamed: true } as const
    const env = { GITLAB_TOKEN: 'env-token' }
    for (const sources of [{ env }, { file: file('GITLAB_TOKEN=file-token') }, { file: file('file-token') }]) {
      const failed = find({ ...sources, store }, query)
      await expect(failed).rejects.toMatchObject({ code: 'E_CREDENTIAL_HOST' })
      await expect(failed).rejects.toMatchObject({ next: expect.stringContaining('--host git.evil.example') })
    }
    const bound = { ...env, SLUICE_GIT_HOST: 'git.evil.example' }
    expect(await find({ env: bound }, query)).toMatchObject({ token: 'env-token' })
    const kept = { kind: 'gitlab', host: 'git.example.com:8443', unnamed: true } as const
    expect(await find({ env, store }, kept)).toMatchObject({ token: 'other-token', notes: [] })
  })

  it('that is missing names every place, and a variable of another kind', async () => {
    await expect(find({ env: { GITLAB_TOKEN: 'x' } })).rejects.toThrow('only GITLAB_TOKEN')
    await expect(find({})).rejects.toMatchObject({ next: expect.stringContaining('sluice credential add github.com') })
  })
})

describe('a file with tokens of several hosts', () => {
  const several = file('EKSA_GITHUB_TOKEN=for-github\nGITLAB_TOKEN=for-gitlab\nEKSA_GIT_SSH_KEY_PASSPHRASE=phrase')
  it('gives a host the token of its own kind', () => {
    expect(tokenForHost(several, { kind: 'gitlab', host: 'gitlab.com' }).reveal()).toBe('for-gitlab')
    expect(() => tokenForHost(several, { kind: 'gitea', host: 'codeberg.org' })).toThrow('GITEA_TOKEN')
    expect(() => tokenForHost(several, { kind: undefined, host: 'h.example' })).toThrow('EKSA_GITHUB_TOKEN and GITLAB')
  })

  it('gives no passphrase of a key for a token, and nothing to another host than it names', () => {
    const phrase = file('EKSA_GIT_SSH_KEY_PASSPHRASE=phrase\nOTHER=x')
    expect(() => tokenForHost(phrase, { kind: undefined, host: 'h.example' })).toThrow(
      /EKSA_GIT_SSH_KEY_PASSPHRASE, OTHER/,
    )
    const named = file('GITLAB_TOKEN=x\nSLUICE_GIT_HOST=git.example.com')
    const asked = () => tokenForHost(named, { kind: 'gitlab', host: 'gitlab.com' })
    expect(asked).toThrow(expect.objectContaining({ code: 'E_CREDENTIAL_HOST' }))
  })
})

describe('a key for SSH', () => {
  it("is EKS Anywhere's variable before the store, with the host keys of the first file that knows the host", async () => {
    const [mine, kept, host, other] = await Promise.all([1, 2, 3, 4].map(() => makeSshKey()))
    const write = (name: string, text: string) => {
      writeFileSync(join(dir, name), text, { mode: 0o600 })
      return join(dir, name)
    }
    const secret = kept!.privateKey
    const meta = { name: 'ssh/g', kind: 'ssh-key', host: 'g.example:2222', added: '2026-01-01T00:00:00Z' } as const
    await store.put({ ...meta, fingerprint: fingerprintOf('ssh-key', secret) }, { secret })
    const knownHostsFile = write('kept_hosts', `${knownHostLine('[g.example]:2222', host!.publicKey)}\n`)
    const at = { host: 'g.example', port: '2222' }
    const fromStore = await findSshKey(at, { env: {}, cwd: dir, store, knownHostsFile })
    expect(fromStore.privateKey.reveal()).toBe(secret.reveal())
    expect(fromStore.knownHosts).toContain(host!.publicKey.body)
    const env = {
      EKSA_GIT_PRIVATE_KEY: write('mine', mine!.privateKey.reveal()),
      EKSA_GIT_KNOWN_HOSTS: write('elsewhere', `x ${host!.publicKey.type} ${host!.publicKey.body}\n`),
      SSH_KNOWN_HOSTS: write('theirs', `${knownHostLine('[g.example]:2222', other!.publicKey)}\n`),
    }
    const found = await findSshKey(at, { env, cwd: dir, store, knownHostsFile })
    expect(found).toMatchObject({
      from: 'EKSA_GIT_PRIVATE_KEY',
      knownHosts: expect.stringContaining(other!.publicKey.body),
    })
    expect(found.notes).toEqual([
      'the sealed store has another host key for [g.example]:2222 than SSH_KNOWN_HOSTS, which is used',
      'the sealed store (ssh/g) holds another key for g.example:2222 than EKSA_GIT_PRIVATE_KEY, which is used',
    ])
    await expect(
      findSshKey({ host: 'g.example', port: undefined }, { env: {}, cwd: dir, store }),
    ).rejects.toMatchObject({
      code: 'E_TOKEN_MISSING',
    })
  })
})

describe('hosts and addresses', () => {
  it.each([
    ['GitHub.com', 'github.com'],
    ['https://git.example.com:443/gitlab/', 'git.example.com/gitlab'],
    ['http://127.0.0.1:8080', '127.0.0.1:8080'],
    ['ssh://git@git.example.com:22/a/b', 'git.example.com/a/b'],
    ['[::1]:8443', '[::1]:8443'],
  ])('%s is bound as %s', (text, bound) => expect(credentialHost(text)).toBe(bound))

  it.each(['', 'a b', '-x', 'https://'])('%j is none', text => expect(() => credentialHost(text)).toThrow())

  it('does not take a longer name, another port or a path beside for the host', () => {
    expect(isOnHost('https://github.com/acme/fleet', 'github.com')).toBe(true)
    for (const url of [
      'https://github.com.evil/x',
      'https://github.com:444/x',
      'https://evil/github.com',
      'nonsense://',
    ])
      expect(isOnHost(url, 'github.com')).toBe(false)
    expect(isOnHost('https://h/gitlabber/x', 'h/gitlab')).toBe(false)
  })

  it.each([
    ['github', 'https://github.com/acme/fleet.git', undefined, 'ssh://git@github.com/acme/fleet'],
    ['gitlab', 'https://h:8443/acme/sub/fleet.git', 'h:2222', 'ssh://git@h:2222/acme/sub/fleet'],
    ['bitbucket-server', 'https://h/scm/ACME/fleet.git', undefined, 'ssh://git@h:7999/ACME/fleet.git'],
    ['azure-devops', 'https://dev.azure.com/o/p/_git/r', undefined, 'ssh://git@ssh.dev.azure.com/v3/o/p/r'],
    ['gitea', 'http://127.0.0.1:3000/o/r.git', 'me@127.0.0.1:2222', 'ssh://me@127.0.0.1:2222/o/r'],
  ] as const)('of %s: %s by ssh', (kind, url, host, ssh) => expect(sshAddress(kind, url, host)).toBe(ssh))
})
