import { createHmac, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../secrets/secret.ts'
import { type HostKey, keysFor, knownHostLine, knownHostName, withoutHost } from './known-hosts.ts'
import { makeSshKey } from './make-key.ts'
import { keyFingerprint, parsePublicKey, publicKeyFrom, publicKeyOf } from './public-key.ts'
import { publishedHostKeys } from './published-host-keys.ts'
import { judgeHostKeys, trustHostKeys } from './trust-host.ts'

const shownBy = (type: 'ed25519' | 'ecdsa' = 'ed25519'): HostKey => {
  const pair = type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = publicKeyFrom(pair.publicKey)
  return { ...key, fingerprint: keyFingerprint(key.body) }
}
const github = parsePublicKey('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl')!
const at = { host: 'git.example.com', port: undefined }

describe('known_hosts', () => {
  const key = shownBy()
  const hashed = (name: string) => {
    const salt = Buffer.alloc(20, 3)
    return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
  }

  it.each([
    ['its name', 'git.example.com', 'git.example.com', true],
    ['a list of names', 'a.example,git.example.com,10.0.0.1', 'git.example.com', true],
    ['a pattern', '*.example.com', 'git.example.com', true],
    ['a pattern with an exception', '*.example.com,!git.example.com', 'git.example.com', false],
    ['another port', '[git.example.com]:2222', 'git.example.com', false],
    ['its port', '[git.example.com]:2222', '[git.example.com]:2222', true],
    ['a hashed name', hashed('git.example.com'), 'git.example.com', true],
    ['another hashed name', hashed('other.example.com'), 'git.example.com', false],
    ['a revoked key', '@revoked git.example.com', 'git.example.com', false],
  ])('is matched by %s', (_, names, name, matches) => {
    expect(keysFor(`# said\n${names} ${key.type} ${key.body} a comment\n`, name)).toEqual(matches ? [key] : [])
  })

  it('loses the lines of one host alone', () => {
    const lines = `# mine\nother ${key.type} ${key.body}\ngit.example.com ${key.type} ${key.body}\n`
    expect(withoutHost(lines, 'git.example.com')).toBe(`# mine\nother ${key.type} ${key.body}\n`)
  })

  it('survives any text', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (lines, name) => void keysFor(`${lines} ${key.body}`, name)))
  })

  it('names hosts with ports in brackets', () => {
    expect([knownHostName('H', undefined), knownHostName('h', '22'), knownHostName('h', '2222')]).toEqual([
      'h',
      'h',
      '[h]:2222',
    ])
  })
})

describe('what GitHub publishes', () => {
  it('is what its key gives', () => {
    expect(publishedHostKeys('github.com')?.fingerprints).toContain(keyFingerprint(github.body))
    expect(publishedHostKeys('ssh.github.com')?.by).toBe('github.com')
    expect(publishedHostKeys('constructor')).toBeUndefined()
  })

  it('is said when the server shows it, and contradicted when it shows another', () => {
    const key = { ...github, fingerprint: keyFingerprint(github.body) }
    const place = { host: 'github.com', port: undefined }
    expect(judgeHostKeys(place, [key], '')).toMatchObject({ publishedBy: 'github.com', contradicted: false })
    expect(judgeHostKeys(place, [key, shownBy()], '')).toMatchObject({ contradicted: true })
  })
})

describe('a host key', () => {
  it('is asked for once', async () => {
    const key = shownBy()
    let asked = 0
    const ask = async () => {
      asked++
      return true
    }
    const lines = await trustHostKeys(judgeHostKeys(at, [key], ''), '', { ask })
    expect(lines).toBe(`${knownHostLine('git.example.com', key)}\n`)
    expect(await trustHostKeys(judgeHostKeys(at, [key], lines!), lines!, { ask })).toBeUndefined()
    expect(asked).toBe(1)
  })

  it('is refused without a person and without its fingerprint', async () => {
    const key = shownBy()
    const finding = judgeHostKeys(at, [key], '')
    await expect(trustHostKeys(finding, '', {})).rejects.toMatchObject({
      code: 'E_HOST_KEY_UNKNOWN',
      next: expect.stringContaining(key.fingerprint),
    })
    await expect(trustHostKeys(finding, '', { accept: shownBy().fingerprint })).rejects.toMatchObject({
      code: 'E_HOST_KEY_UNKNOWN',
    })
    await expect(trustHostKeys(finding, '', { ask: async () => false })).rejects.toMatchObject({
      code: 'E_HOST_KEY_UNKNOWN',
    })
  })

  it('given by its fingerprint is taken alone', async () => {
    const [one, other] = [shownBy(), shownBy('ecdsa')]
    const lines = await trustHostKeys(judgeHostKeys(at, [one, other], ''), '', { accept: other.fingerprint })
    expect(keysFor(lines!, 'git.example.com')).toEqual([other])
    expect(judgeHostKeys(at, [one, other], lines!).state).toBe('known')
  })

  it('that changed is refused with both fingerprints, also when its new fingerprint is given', async () => {
    const [before, after] = [shownBy(), shownBy()]
    const known = `${knownHostLine('git.example.com', before)}\n`
    const finding = judgeHostKeys(at, [after], known)
    expect(finding.state).toBe('changed')
    for (const accept of [undefined, after.fingerprint]) {
      const refused = trustHostKeys(finding, known, accept === undefined ? {} : { accept })
      await expect(refused).rejects.toMatchObject({ code: 'E_HOST_KEY_CHANGED' })
      await expect(refused).rejects.toThrow(before.fingerprint)
      await expect(refused).rejects.toThrow(after.fingerprint)
    }
    const lines = await trustHostKeys(finding, known, { accept: after.fingerprint, replace: true })
    expect(keysFor(lines!, 'git.example.com')).toEqual([after])
  })

  it('of a confirmed type that changed is refused although another type is as it was', () => {
    const [one, ecdsa, changed] = [shownBy(), shownBy('ecdsa'), shownBy()]
    const known = [one, ecdsa].map(key => knownHostLine('git.example.com', key)).join('\n')
    expect(judgeHostKeys(at, [changed, ecdsa], known).state).toBe('changed')
  })
})

describe('a key pair', () => {
  it.each([
    ['ecdsa', {}, 'ecdsa-sha2-nistp384'],
    ['ecdsa p256', { curve: 'p256' }, 'ecdsa-sha2-nistp256'],
    ['ecdsa p521', { curve: 'p521' }, 'ecdsa-sha2-nistp521'],
    ['ed25519', { algorithm: 'ed25519' }, 'ssh-ed25519'],
    ['rsa', { algorithm: 'rsa' }, 'ssh-rsa'],
  ] as const)('%s has one public half, whichever half it is read from', async (_, choice, type) => {
    const { privateKey, publicKey } = await makeSshKey(choice)
    expect(publicKey.type).toBe(type)
    expect(publicKeyOf(privateKey)).toEqual(publicKey)
    expect(parsePublicKey(`${publicKey.type} ${publicKey.body} comment`)).toEqual(publicKey)
  })

  it('of a size that nobody should use is refused', async () => {
    await expect(makeSshKey({ algorithm: 'rsa', rsaBits: 1024 })).rejects.toMatchObject({ code: 'E_GIT_SSH_KEY' })
    expect(() => publicKeyOf(Secret.of('ghp_nothing'))).toThrow(/cannot be opened/)
  })
})
