import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.ts'
import type { KubeObject } from '../kube/object.ts'
import { startCluster } from '../sandbox/cluster/start.ts'
import { startForge } from '../sandbox/forge/index.ts'
import { type Format, generateIdentity } from '../sops/index.ts'
import { sealFile } from '../sops/seal.ts'
import { messageOf, World } from './testing/world.ts'

const canary = 'canary-5f1c9a'
const pair = generateIdentity()
const other = generateIdentity()
const secretRules = { encryptedRegex: '^(data|stringData)$' }
let world: World

const seal = (text: string, format: Format, rules = {}, recipient = pair.recipient) =>
  sealFile(Buffer.from(text), format, { recipients: [recipient], rules, clock: systemClock }).toString()
const secret = (name: string, value = canary) =>
  `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\n  namespace: apps\nstringData:\n  password: ${value}\n`
const keySecret = (name: string, entries: Record<string, string>) =>
  world.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'apps' }, stringData: entries })
const dataOf = (object: KubeObject | undefined) =>
  Object.fromEntries(
    Object.entries((object?.['data'] ?? {}) as Record<string, string>).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString(),
    ]),
  )
const sops = (name: string) => ({ decryption: { provider: 'sops', secretRef: { name } } })

beforeAll(async () => {
  world = await World.open({ startCluster, startForge }, { 'README.md': 'fleet' })
  await world.start()
  await world.source()
  await keySecret('keys', { 'prod.agekey': `# prod\n${pair.identity.reveal()}\n` })
})
afterAll(() => world.close())

/** Nothing that the engine says may hold the value. */
const noLeak = async () => {
  expect(JSON.stringify(world.events)).not.toContain(canary)
  const { items } = await world.client.list({
    group: 'kustomize.toolkit.fluxcd.io',
    version: 'v1',
    kind: 'Kustomization',
  })
  expect(JSON.stringify(items)).not.toContain(canary)
}

describe('spec.decryption', () => {
  test('a sealed Secret is in the cluster in plain, with the variables of the Kustomization, and told nowhere', async () => {
    await world.commit({
      'one/s.yaml': seal(secret('one').replace('stringData:', 'stringData:\n  who: ${who}'), 'yaml', secretRules),
    })
    await world.kustomization('one', { ...sops('keys'), postBuild: { substitute: { who: 'ann' } } })
    await world.ready('one')
    expect(dataOf(await world.find('Secret', 'one'))).toEqual({ password: canary, who: 'ann' })
    await noLeak()
  })

  test('generators of a base and of a component read sealed files and environments; a patch may be sealed too', async () => {
    const kustomization = (body: string) => `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${body}`
    await world.commit({
      'graph/app/kustomization.yaml': kustomization(
        'namespace: apps\nresources: [../base]\ncomponents: [../part]\npatches: [{path: patch.yaml}]\n',
      ),
      'graph/app/patch.yaml': seal(
        'apiVersion: v1\nkind: Secret\nmetadata:\n    name: plain\nstringData:\n    patched: yes-it-is\n',
        'yaml',
        secretRules,
      ),
      'graph/base/kustomization.yaml': kustomization(
        'resources: [plain.yaml]\nsecretGenerator:\n- name: files\n  files: [cert.pem, conf.json=conf.enc.json]\n  options: {disableNameSuffixHash: true}\n',
      ),
      'graph/base/plain.yaml': 'apiVersion: v1\nkind: Secret\nmetadata:\n    name: plain\n',
      'graph/base/cert.pem': seal(`cert ${canary}`, 'binary'),
      'graph/base/conf.enc.json': seal('{"token":"t"}', 'json'),
      'graph/part/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nsecretGenerator:\n- name: env\n  envs: [prod.env]\n  options: {disableNameSuffixHash: true}\n' +
        'configMapGenerator:\n- name: leak\n  files: [open.env]\n  options: {disableNameSuffixHash: true}\n',
      'graph/part/prod.env': seal('A=one\nB=two\n', 'dotenv'),
      'graph/part/open.env': seal(`C=${canary}\n`, 'dotenv'),
    })
    await world.kustomization('graph', { ...sops('keys'), path: './graph/app' })
    await world.ready('graph')
    expect(dataOf(await world.find('Secret', 'files'))).toEqual({
      'cert.pem': `cert ${canary}`,
      'conf.json': '{\n\t"token": "t"\n}',
    })
    expect(dataOf(await world.find('Secret', 'env'))).toEqual({ A: 'one', B: 'two' })
    expect(dataOf(await world.find('Secret', 'plain'))).toEqual({ patched: 'yes-it-is' })
    const leak = await world.find('ConfigMap', 'leak')
    expect(JSON.stringify(leak?.['data'])).toContain('ENC[')
    expect(JSON.stringify(leak?.['data'])).not.toContain(canary)
  })

  test('a value of a Secret that is a sealed document is opened', async () => {
    const document = seal(`token: ${canary}\n`, 'yaml')
    const object = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'inner', namespace: 'apps' },
      data: { 'app.yaml': Buffer.from(document).toString('base64') },
    }
    await world.commit({ 'inner/s.yaml': JSON.stringify(object) })
    await world.kustomization('inner', sops('keys'))
    await world.ready('inner')
    expect(dataOf(await world.find('Secret', 'inner'))).toEqual({ 'app.yaml': `token: ${canary}\n` })
  })

  test('the wrong key, no key and a missing Secret say which file and whose key; the right key heals at once', async () => {
    await keySecret('wrong-keys', { 'old.agekey': other.identity.reveal() })
    await world.commit({ 'wrong/s.yaml': seal(secret('wrong'), 'yaml', secretRules) })
    await world.kustomization('wrong', sops('wrong-keys'))
    const failed = messageOf(await world.failed('wrong', 'BuildFailed'))
    expect(failed).toContain('Secret/apps/wrong')
    expect(failed).toContain(`the key of ${pair.recipient}`)
    expect(failed).toContain(`keys of ${other.recipient}`)
    await world.kustomization('missing', { ...sops('nowhere'), path: './wrong' })
    expect(messageOf(await world.failed('missing', 'BuildFailed'))).toContain('secrets "nowhere" not found')
    await world.client.delete({
      group: 'kustomize.toolkit.fluxcd.io',
      version: 'v1',
      kind: 'Kustomization',
      namespace: 'apps',
      name: 'missing',
    })
    await keySecret('wrong-keys', { 'new.agekey': pair.identity.reveal() })
    await world.ready('wrong')
    expect(dataOf(await world.find('Secret', 'wrong'))).toEqual({ password: canary })
    await noLeak()
  })

  test('what is not built in is refused by name, and an annotation opts out', async () => {
    await world.commit({
      'kms/s.yaml': seal(secret('kms'), 'yaml', secretRules).replace(
        /age:\n(?: {8}.*\n)+/,
        'kms:\n        - arn: arn:aws:kms:eu:1:key\n',
      ),
      'out/s.yaml': seal(
        secret('out').replace(
          '  namespace',
          '  annotations: {kustomize.toolkit.fluxcd.io/decrypt: disabled}\n  namespace',
        ),
        'yaml',
        secretRules,
      ),
    })
    await world.kustomization('kms', sops('keys'))
    const message = messageOf(await world.failed('kms', 'BuildFailed'))
    expect(message).toContain('Secret/apps/kms')
    expect(message).toContain('only keys of kms')
    await world.kustomization('out', sops('keys'))
    expect(messageOf(await world.failed('out', 'ReconciliationFailed'))).toContain('is SOPS encrypted')
    await world.kustomization('cloud', { path: './one', decryption: { provider: 'sops', serviceAccountName: 'x' } })
    expect(messageOf(await world.failed('cloud', 'UnsupportedField'))).toContain('spec.decryption.serviceAccountName')
  })

  test.skipIf(spawnSync('gpg', ['--version']).error !== undefined)(
    'a PGP key opens a file that was sealed for it',
    async () => {
      const home = mkdtempSync(join(tmpdir(), 'slt-'))
      try {
        const gpg = (args: string[], input = '') =>
          execFileSync(
            'gpg',
            ['--homedir', home, '--batch', '--quiet', '--passphrase', '', '--pinentry-mode', 'loopback', ...args],
            { input, stdio: ['pipe', 'pipe', 'ignore'] },
          ).toString()
        gpg(['--quick-gen-key', 'test@example.com', 'default', 'default', 'never'])
        const fingerprint = /fpr:+([0-9A-F]{40})/.exec(gpg(['--with-colons', '--list-keys']))![1]!
        const { openFile } = await import('../sops/open.ts')
        const { ageKeys } = await import('../sops/index.ts')
        const sealed = seal(secret('pgp'), 'yaml', secretRules)
        const { dataKey } = await openFile(Buffer.from(sealed), 'yaml', ageKeys(pair.identity.reveal()))
        const enc = execFileSync(
          'gpg',
          [
            '--homedir',
            home,
            '--batch',
            '--quiet',
            '--trust-model',
            'always',
            '--armor',
            '-r',
            fingerprint,
            '--encrypt',
          ],
          { input: dataKey, stdio: ['pipe', 'pipe', 'ignore'] },
        ).toString()
        const block = `pgp:\n        - created_at: "2026-01-01T00:00:00Z"\n          enc: |\n${enc.replace(/^(?=.)/gm, '            ')}          fp: ${fingerprint}\n`
        await world.commit({ 'pgp/s.yaml': sealed.replace(/age:\n(?: {8}.*\n)+/, block) })
        await keySecret('pgp-keys', { 'team.asc': gpg(['--armor', '--export-secret-keys', fingerprint]) })
        await world.kustomization('pgp', sops('pgp-keys'))
        await world.ready('pgp')
        expect(dataOf(await world.find('Secret', 'pgp'))).toEqual({ password: canary })
      } finally {
        spawnSync('gpgconf', ['--homedir', home, '--kill', 'all'])
        rmSync(home, { recursive: true, force: true })
      }
    },
  )
})
