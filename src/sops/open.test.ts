import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { systemClock } from '../base/clock.ts'
import { generateIdentity } from './age/keys.ts'
import { ageKeys, decryptFile, decryptObject, formatOf, noKeys } from './index.ts'
import { openFile } from './open.ts'
import { resealFile, sealFile } from './seal.ts'

// Made by sops 3.9.4 (`enc*`), and what the same program opens them to (`plain*`).
const sample = (name: string) => readFileSync(new URL(`./testdata/${name}`, import.meta.url))
const keys = ageKeys(sample('keys.agekey').toString())

const own = () => {
  const { identity, recipient } = generateIdentity()
  return { keys: ageKeys(identity.reveal()), recipient }
}
const seal = (text: string, format: 'yaml' | 'json' | 'dotenv' | 'binary', recipient: string, rules = {}) =>
  sealFile(Buffer.from(text), format, { recipients: [recipient], rules, clock: systemClock })

describe('files of sops', () => {
  it.each([
    ['enc.yaml', 'plain.yaml'],
    ['enc-all.yaml', 'plain.yaml'],
    ['enc-mac.yaml', 'plain.yaml'],
    ['enc.json', 'plain.json'],
    ['enc.env', 'plain.env'],
    ['enc.bin', 'plain.bin'],
  ])('%s opens to the bytes that sops gives', async (sealed, plain) => {
    expect((await decryptFile(sealed, sample(sealed), keys)).equals(sample(plain))).toBe(true)
  })

  it('say who could open them when nobody here can', async () => {
    const error = await decryptFile('apps/enc.yaml', sample('enc.yaml'), noKeys).catch((thrown: Error) => thrown)
    expect((error as Error).message).toMatch(
      /apps\/enc\.yaml.*age1deegu9kta64765x4mjm6fj3gvcz3m5dypdyjyfl0uzptsauun90qgcw4d8/,
    )
    await expect(decryptFile('enc.yaml', sample('enc.yaml'), own().keys)).rejects.toMatchObject({ code: 'E_SOPS_KEY' })
  })

  it('with keys of a cloud alone are refused by the name of the cloud key', async () => {
    const text = sample('enc.yaml')
      .toString()
      .replace(/ {4}age:\n(?: {8}.*\n)+/g, '')
      .replaceAll('kms: []\n    gcp', 'kms:\n        - arn: x\n    gcp')
    await expect(decryptFile('enc.yaml', Buffer.from(text), keys)).rejects.toMatchObject({
      code: 'E_SOPS_UNSUPPORTED',
      message: expect.stringContaining('kms'),
    })
  })
})

describe('a sealed file', () => {
  const plain = 'kind: Secret\nstringData:\n    a: one\n    b: two\n    n: 3\nreplicas: 5\n'
  const rules = { encryptedRegex: '^stringData$' }

  it('holds none of its secret values and opens to what it was', async () => {
    const { keys, recipient } = own()
    const sealed = seal(plain, 'yaml', recipient, rules)
    expect(sealed.toString()).not.toMatch(/one|two/)
    expect((await decryptFile('s.yaml', sealed, keys)).toString()).toBe(plain)
  })

  it('is refused when values were swapped, changed, removed, or added in plain', async () => {
    const { keys, recipient } = own()
    const sealed = seal(plain, 'yaml', recipient, rules).toString()
    const [a, b] = [/a: (ENC.*)/.exec(sealed)![1]!, /b: (ENC.*)/.exec(sealed)![1]!]
    const open = (text: string) => decryptFile('s.yaml', Buffer.from(text), keys)
    const swapped = sealed.replace(a, '@').replace(b, a).replace('@', b)
    await expect(open(swapped)).rejects.toMatchObject({
      code: 'E_SOPS_VALUE',
      message: expect.stringContaining('stringData.a'),
    })
    await expect(open(sealed.replace('replicas: 5', 'replicas: 50'))).rejects.toMatchObject({ code: 'E_SOPS_MAC' })
    await expect(open(sealed.replace(/ {4}b: .*\n/, ''))).rejects.toMatchObject({ code: 'E_SOPS_MAC' })
    await expect(open(sealed.replace(/ {4}b: .*/, '    b: hunter2'))).rejects.toMatchObject({ code: 'E_SOPS_VALUE' })
    const error = await open(sealed.replace(/ {4}b: .*/, '    b: hunter2')).catch(thrown => thrown)
    expect(error.message).not.toContain('hunter2')
  })

  it('changes in nothing but the value that was edited, the date and the digest', async () => {
    const { keys, recipient } = own()
    const sealed = seal(plain, 'yaml', recipient, rules)
    const opened = await openFile(sealed, 'yaml', keys)
    const edited = resealFile(Buffer.from(plain.replace('two', 'three')), 'yaml', opened, systemClock)
    const lines = sealed.toString().split('\n')
    const differing = edited
      .toString()
      .split('\n')
      .filter((line, at) => line !== lines[at])
    expect(differing.map(line => line.trim().split(':')[0]).filter(key => key !== 'lastmodified')).toEqual(['b', 'mac'])
  })

  it('cannot be sealed again, and a rule that seals nothing is refused', () => {
    const { recipient } = own()
    expect(() => seal(seal(plain, 'yaml', recipient).toString(), 'yaml', recipient)).toThrow(/sealed one/)
    expect(() => seal(plain, 'yaml', recipient, { encryptedRegex: '^nothing$' })).toThrow(/plain text/)
  })

  it('of any JSON values opens to the same values', async () => {
    const { keys, recipient } = own()
    const key = fc.string({ minLength: 1, maxLength: 8 }).filter(name => name !== 'sops' && name !== '__proto__')
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }))
    const values = fc.dictionary(key, fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(key, leaf)), {
      minKeys: 1,
    })
    await fc.assert(
      fc.asyncProperty(values, async value => {
        const text = JSON.stringify({ ...value, filler: 'x' })
        const json = await decryptFile('s.json', seal(text, 'json', recipient), keys)
        expect(JSON.parse(json.toString())).toEqual(JSON.parse(text))
        const yaml = await decryptFile('s.yaml', seal(text, 'yaml', recipient), keys)
        expect(parseDocument(yaml.toString()).toJS()).toEqual(JSON.parse(text))
      }),
      { numRuns: 60 },
    )
  })

  it('may have comments, which are sealed where the values are', async () => {
    const { keys, recipient } = own()
    const text = '# team: payments\nstringData:\n    # was hunter1 before\n    a: one\n'
    const sealed = seal(text, 'yaml', recipient, rules)
    expect(sealed.toString()).toContain('# team: payments')
    expect(sealed.toString()).not.toContain('hunter1')
    expect((await decryptFile('s.yaml', sealed, keys)).toString()).toBe(text)
  })
})

describe('an object of a build', () => {
  it('opens after a build has added to it and ordered its keys', async () => {
    const { keys, recipient } = own()
    const text = '{"kind":"Secret","metadata":{"name":"s"},"stringData":{"b":"two","a":"one"}}'
    const sealed = JSON.parse(seal(text, 'json', recipient, { encryptedRegex: '^stringData$' }).toString())
    const built = {
      sops: sealed.sops,
      metadata: { name: 's', namespace: 'apps' },
      kind: 'Secret',
      stringData: { a: sealed.stringData.a, b: sealed.stringData.b },
    }
    expect(await decryptObject('Secret/apps/s', built, keys)).toEqual({
      kind: 'Secret',
      metadata: { name: 's', namespace: 'apps' },
      stringData: { a: 'one', b: 'two' },
    })
  })
})

it('tells a format by the end of the name', () => {
  expect(['a.yml', 'b/.env', 'c.prod.env', 'd.json', 'e.ini', 'f', 'g.pem'].map(formatOf)).toEqual([
    'yaml',
    'dotenv',
    'dotenv',
    'json',
    'ini',
    'binary',
    'binary',
  ])
})
