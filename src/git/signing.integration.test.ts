import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SluiceError } from '../base/errors/index.ts'
import { Secret } from '../secrets/secret.ts'
import { type CommitParts, commitObject, storeObjects, treeObject } from './objects.ts'
import { createSigner, type SigningKey, signedCommit } from './signing.ts'

let dir: string
let bare: string
const person = { name: 'Mona', email: 'mona@example.com' }
const has = (tool: string) => spawnSync(tool, ['--version']).error === undefined
const parts = (tree: string): CommitParts => ({
  tree,
  parents: [],
  author: person,
  committer: person,
  date: new Date('2026-01-01T00:00:00Z'),
  message: 'Scale prod\n\nwith a body',
})

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-sign-'))
  bare = join(dir, 'bare.git')
  execFileSync('git', ['init', '-q', '--bare', bare])
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const key = (text: string, passphrase?: string): SigningKey => ({
  text: Secret.of(text),
  source: '--signing-key k',
  ...(passphrase !== undefined && { passphrase: Secret.of(passphrase) }),
})

async function sign(with_: SigningKey): Promise<string> {
  const tree = treeObject([])
  const plain = commitObject(parts(tree.id))
  const commit = signedCommit(plain, await createSigner(with_)(plain.bytes))
  await storeObjects(bare, [tree, commit])
  expect(spawnSync('git', ['-C', bare, 'fsck', '--strict', commit.id]).status).toBe(0)
  return commit.id
}

describe.skipIf(!has('ssh-keygen'))('an SSH key', () => {
  const made = (type: string, passphrase: string, ...more: string[]) => {
    const path = join(mkdtempSync(join(dir, 'key-')), 'key')
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'x', '-f', path, ...more])
    return { text: readFileSync(path, 'utf8'), pub: readFileSync(`${path}.pub`, 'utf8') }
  }
  const verify = (commit: string, pub: string) => {
    const allowed = join(dir, 'allowed')
    writeFileSync(allowed, `mona@example.com namespaces="git" ${pub}`)
    const config = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${allowed}`]
    return spawnSync('git', ['-C', bare, ...config, 'verify-commit', commit], { encoding: 'utf8' })
  }

  it.each([
    ['ed25519', ''],
    ['ecdsa', ''],
    ['rsa', ''],
    ['ed25519', 'open sesame'],
  ])('of type %s with passphrase "%s" signs a commit that git verifies', async (type, passphrase) => {
    const { text, pub } = made(type, passphrase)
    const verified = verify(await sign(key(text, passphrase)), pub)
    expect(verified.stderr).toContain('Good "git" signature for mona@example.com')
    expect(verified.status).toBe(0)
    expect(verify(await sign(key(text, passphrase)), made('ed25519', '').pub).status).not.toBe(0)
  })

  it('leaves no copy of itself behind', async () => {
    const { text } = made('ecdsa', '', '-b', '384')
    const before = readdirSync(tmpdir()).filter(name => name.startsWith('sluice-git-'))
    await sign(key(text))
    expect(readdirSync(tmpdir()).filter(name => name.startsWith('sluice-git-'))).toEqual(before)
  })

  it('without its passphrase, or that is none, is refused before anything is written', () => {
    const { text, pub } = made('ed25519', 'secret phrase')
    expect(() => createSigner(key(text))).toThrow('expected the passphrase of the key')
    expect(() => createSigner(key(text, 'wrong'))).toThrow('seen a passphrase that does not open it')
    expect(() => createSigner(key(pub))).toThrow(SluiceError)
    expect(() => createSigner(key('-----BEGIN PGP PUBLIC KEY BLOCK-----\nx'))).toThrow(
      'seen an OpenPGP block of another kind',
    )
  })
})

describe.skipIf(!has('gpg'))('an OpenPGP key', () => {
  const made = (passphrase: string) => {
    const home = mkdtempSync(join(dir, 'gpg-'))
    const gpg = (...args: string[]) =>
      execFileSync(
        'gpg',
        ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', passphrase, ...args],
        {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        },
      )
    gpg('--quick-generate-key', 'Mona <mona@example.com>', 'ed25519', 'sign', 'never')
    const text = gpg('--armor', '--export-secret-keys')
    return { home, text, end: () => spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']) }
  }

  it.each(['', 'open sesame'])('with passphrase "%s" signs a commit that git verifies', async passphrase => {
    const { home, text, end } = made(passphrase)
    try {
      const commit = await sign(key(text, passphrase))
      const verified = spawnSync('git', ['-C', bare, 'verify-commit', commit], {
        encoding: 'utf8',
        env: { ...process.env, GNUPGHOME: home },
      })
      expect(verified.stderr).toContain('Good signature from "Mona <mona@example.com>"')
      expect(verified.status).toBe(0)
    } finally {
      end()
    }
  })

  it('with a wrong passphrase is refused, and no agent is left', async () => {
    const { text, end } = made('right')
    end()
    const agents = () => spawnSync('pgrep', ['-af', 'gpg-agent.*sluice-git-'], { encoding: 'utf8' }).stdout
    await expect(sign(key(text, 'wrong'))).rejects.toMatchObject({ code: 'E_GIT_SIGNING_KEY' })
    await expect.poll(agents).toBe('')
    await expect(
      sign(key('-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nxx\n-----END PGP PRIVATE KEY BLOCK-----')),
    ).rejects.toMatchObject({
      code: 'E_GIT_SIGNING_KEY',
    })
  })
})
