import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Mirror, openMirror } from '../../../git/index.ts'
import type { GitRepository } from '../../../specs/flux/git-repository.ts'
import { signedCommit, signedTag } from './signed-object.ts'
import { verifySshSignature } from './ssh-signature.ts'
import { verifySignatures } from './verify.ts'

// Signatures made by real git with ssh-keygen and gpg.
let dir: string
let mirror: Mirror
let tree: string
const hasGpg = spawnSync('gpg', ['--version']).status === 0

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-verify-'))
  mirror = await openMirror(join(dir, 'repo.git'))
  tree = git('hash-object', '-t', 'tree', '-w', '--stdin')
})
afterAll(async () => {
  mirror.close()
  if (hasGpg) spawnSync('gpgconf', ['--homedir', join(dir, 'gpg'), '--kill', 'all'])
  rmSync(dir, { recursive: true, force: true })
})

function git(...args: string[]): string {
  const identity = {
    GIT_AUTHOR_NAME: 'Ann',
    GIT_AUTHOR_EMAIL: 'ann@example.com',
    GIT_COMMITTER_NAME: 'Ann',
    GIT_COMMITTER_EMAIL: 'ann@example.com',
  }
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    GNUPGHOME: join(dir, 'gpg'),
    GIT_CONFIG_NOSYSTEM: '1',
    ...identity,
  }
  return execFileSync('git', ['--git-dir', join(dir, 'repo.git'), ...args], { env, input: '', encoding: 'utf8' }).trim()
}

function sshKey(name: string, type: string, bits = ''): { file: string; pub: string } {
  const file = join(dir, name)
  execFileSync('ssh-keygen', [
    '-q',
    '-t',
    type,
    ...(bits ? ['-b', bits] : []),
    '-N',
    '',
    '-C',
    `${name}@example.com`,
    '-f',
    file,
  ])
  return { file, pub: readFileSync(`${file}.pub`, 'utf8') }
}

const withSsh = (key: { file: string }) => ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${key.file}`]
const commitWith = (config: string[], message = 'Änderung\n\nwith a body') =>
  git(...config, 'commit-tree', ...(config.length > 0 ? ['-S'] : []), '-m', message, tree)

/** Checks as the engine does, with the given data in the Secret. */
async function verify(commit: string, data: Record<string, string>, mode = 'HEAD', tagName?: string) {
  const object = {
    metadata: { namespace: 'apps', name: 'x' },
    spec: { verify: { mode, secretRef: { name: 'keys' } } },
  } as unknown as GitRepository
  const tagObject = tagName === undefined ? undefined : await mirror.raw(`refs/tags/${tagName}`)
  return verifySignatures({
    object,
    mirror,
    commit,
    tag: tagObject && { name: tagName!, object: tagObject },
    readSecret: async () => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {},
      data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
    }),
    signal: AbortSignal.timeout(30_000),
  })
}

describe('SSH signatures', () => {
  test.each([
    ['ed25519', ''],
    ['rsa', '3072'],
    ['ecdsa', '256'],
    ['ecdsa', '384'],
    ['ecdsa', '521'],
  ])('of a commit by an %s key %s', async (type, bits) => {
    const key = sshKey(`k-${type}${bits}`, type, bits)
    const fingerprint = execFileSync('ssh-keygen', ['-lf', `${key.file}.pub`], { encoding: 'utf8' }).split(' ')[1]
    const commit = commitWith(withSsh(key))
    expect(await verify(commit, { 'ann.sshpub': key.pub })).toBe(
      `verified signature of\n\t- commit '${commit}' with key '${fingerprint}'`,
    )
  })

  test('by another key, none, or over other bytes are refused with Flux’s reasons', async () => {
    const [key, other] = [sshKey('mine', 'ed25519'), sshKey('other', 'ed25519')]
    const commit = commitWith(withSsh(key))
    await expect(verify(commit, { 'a.sshpub': other.pub })).rejects.toMatchObject({
      reason: 'InvalidCommitSignature',
      message: expect.stringMatching(
        new RegExp(
          `^signature verification of commit '${commit}' failed: the key SHA256:\\S+ that signed is none of the trusted keys$`,
        ),
      ),
      options: { condition: 'SourceVerified', stalled: false },
    })
    await expect(verify(commitWith([]), { 'a.sshpub': key.pub })).rejects.toThrow('it is not signed')
    await expect(verify(commit, { 'a.pub': key.pub })).rejects.toThrow("expected '*.sshpub'")
    const { payload, signature } = signedCommit((await mirror.raw(commit))!.bytes)
    expect(verifySshSignature(payload, signature!, [key.pub])).toHaveProperty('fingerprint')
    for (let at = 0; at < payload.length; at += 7) {
      const hurt = Buffer.from(payload)
      hurt[at]! ^= 1
      expect(verifySshSignature(hurt, signature!, [key.pub])).toEqual({ problem: 'the signature does not match' })
    }
    for (let at = 40; at < signature!.length - 40; at += 11) {
      const hurt = `${signature!.slice(0, at)}${signature![at] === 'A' ? 'B' : 'A'}${signature!.slice(at + 1)}`
      expect(verifySshSignature(payload, hurt, [key.pub])).toHaveProperty('problem')
    }
  })

  test('made for something else than git do not count', async () => {
    const key = sshKey('files', 'ed25519')
    const payload = Buffer.from('tree of something\n')
    const signature = execFileSync('ssh-keygen', ['-Y', 'sign', '-n', 'file', '-f', key.file, '-'], {
      input: payload,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    expect(verifySshSignature(payload, signature, [key.pub])).toEqual({
      problem: "the signature is for 'file', not for git",
    })
  })

  test('of a tag, and of both', async () => {
    const key = sshKey('tags', 'ed25519')
    const commit = commitWith(withSsh(key))
    git(...withSsh(key), 'tag', '-s', '-m', 'one', 'v1.0.0', commit)
    git('tag', '-a', '-m', 'unsigned', 'v1.0.1', commit)
    git('tag', 'light', commit)
    const id = git('rev-parse', 'refs/tags/v1.0.0')
    expect(await verify(commit, { 'a.sshpub': key.pub }, 'Tag', 'v1.0.0')).toContain(
      `\t- tag 'v1.0.0@${id}' with key 'SHA256:`,
    )
    expect((await verify(commit, { 'a.sshpub': key.pub }, 'TagAndHEAD', 'v1.0.0'))?.split('\n')).toHaveLength(3)
    for (const tag of ['v1.0.1', 'light']) {
      await expect(verify(commit, { 'a.sshpub': key.pub }, 'Tag', tag)).rejects.toMatchObject({
        reason: 'InvalidGitObject',
      })
    }
    await expect(verify(commit, { 'a.sshpub': key.pub }, 'Tag')).rejects.toMatchObject({
      reason: 'InvalidVerificationMode',
      options: { stalled: true },
    })
    await expect(verify(commit, { 'a.sshpub': sshKey('t2', 'ed25519').pub }, 'Tag', 'v1.0.0')).rejects.toMatchObject({
      reason: 'InvalidTagSignature',
    })
    expect(signedTag((await mirror.raw('refs/tags/v1.0.1'))!.bytes).signature).toBeUndefined()
  })
})

describe.skipIf(!hasGpg)('PGP signatures', () => {
  const gpg = (...args: string[]) =>
    execFileSync(
      'gpg',
      [
        '--homedir',
        join(dir, 'gpg'),
        '--batch',
        '--no-tty',
        '--pinentry-mode',
        'loopback',
        '--passphrase',
        '',
        ...args,
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )

  test('by one of the keys are taken, all else is refused', async () => {
    execFileSync('mkdir', ['-m', '700', join(dir, 'gpg')])
    for (const name of ['ann', 'bob']) gpg('--quick-generate-key', `${name}@example.com`, 'ed25519', 'sign', 'never')
    const [ann, bob] = ['ann', 'bob'].map(name => gpg('--armor', '--export', `${name}@example.com`)) as [string, string]
    const id = /^fpr:+([0-9A-F]{40}):/m.exec(gpg('--with-colons', '--list-keys', 'ann@example.com'))![1]!
    const commit = commitWith(['-c', `user.signingkey=${id}`])
    expect(await verify(commit, { 'bob.asc': bob, 'ann.asc': ann })).toBe(
      `verified signature of\n\t- commit '${commit}' with key '${id.slice(-16)}'`,
    )
    await expect(verify(commit, { 'bob.asc': bob })).rejects.toThrow('none of the trusted keys')
    git('-c', `user.signingkey=${id}`, 'tag', '-s', '-m', 'pgp', 'v2.0.0', commit)
    expect(await verify(commit, { 'ann.asc': ann }, 'TagAndHEAD', 'v2.0.0')).toContain('tag')
    // The same commit with other content under the old signature.
    const bytes = (await mirror.raw(commit))!.bytes.toString('latin1').replace('with a body', 'with abody!')
    const forged = execFileSync(
      'git',
      ['--git-dir', join(dir, 'repo.git'), 'hash-object', '-t', 'commit', '-w', '--stdin'],
      { input: Buffer.from(bytes, 'latin1'), encoding: 'utf8' },
    ).trim()
    await expect(verify(forged, { 'ann.asc': ann })).rejects.toThrow('the signature does not match')
    gpg('--quick-generate-key', 'old@example.com', 'ed25519', 'sign', 'seconds=1')
    const old = gpg('--armor', '--export', 'old@example.com')
    const late = commitWith(['-c', 'user.signingkey=old@example.com'])
    await new Promise(resolve => setTimeout(resolve, 2100))
    await expect(verify(late, { 'old.asc': old })).rejects.toThrow('the key that signed is expired')
  })
})
