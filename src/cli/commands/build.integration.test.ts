import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runSluice } from '../../../test/harness/run-sluice.ts'
import { systemClock } from '../../base/clock.ts'
import { parseObjects } from '../../kube/yaml/index.ts'
import { generateIdentity } from '../../sops/index.ts'
import { sealFile } from '../../sops/seal.ts'

let dir = ''
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  writeFileSync(join(dir, path), text)
}
const run = (...args: string[]) => runSluice(args, { cwd: dir })
const sealed = (text: string) =>
  sealFile(Buffer.from(text), 'yaml', {
    recipients: [generateIdentity().recipient],
    rules: { encryptedRegex: '^stringData$' },
    clock: systemClock,
  }).toString()
const samples = new URL('../../sops/testdata/', import.meta.url)

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-build-'))
  mkdirSync(join(dir, '.git'))
  write('outside.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: outside\n')
  write('base/cm.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cm\ndata:\n  region: ${region}\n')
  write(
    'base/secret.yaml',
    sealed('apiVersion: v1\nkind: Secret\nmetadata:\n    name: payments\nstringData:\n    a: canary-6b\n'),
  )
  write('base/plain.yaml', 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: plain\nstringData:\n  a: canary-6b\n')
  write(
    'base/kustomization.yaml',
    'resources: [cm.yaml, secret.yaml, plain.yaml]\nsecretGenerator:\n- name: gen\n  files: [enc.env]\n',
  )
  write('base/enc.env', readFileSync(new URL('enc.env', samples), 'utf8'))
  write('app/kustomization.yaml', 'resources: [../base]\nnamePrefix: x-\n')
  write(
    'ks.yaml',
    JSON.stringify({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'app', namespace: 'apps' },
      spec: {
        interval: '1m',
        prune: true,
        path: './app',
        targetNamespace: 'apps',
        sourceRef: { kind: 'GitRepository', name: 'x' },
        postBuild: { substitute: { region: 'eu' } },
      },
    }),
  )
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('sluice build kustomization', () => {
  test('prints what the engine would apply: built, named, substituted, labelled, and without any secret', async () => {
    const result = await run('build', 'kustomization', 'app', '--kustomization-file', 'ks.yaml', '--dry-run')
    expect(result).toMatchObject({ code: 0, stderr: '' })
    const objects = parseObjects(result.stdout)
    expect(objects.map(({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`)).toEqual([
      'ConfigMap/apps/x-cm',
      expect.stringMatching(/^Secret\/apps\/x-gen-/),
      'Secret/apps/x-payments',
      'Secret/apps/x-plain',
    ])
    expect(objects[0]).toMatchObject({ data: { region: 'eu' } })
    expect(objects[0]?.metadata.labels).toEqual({
      'kustomize.toolkit.fluxcd.io/name': 'app',
      'kustomize.toolkit.fluxcd.io/namespace': 'apps',
    })
    expect(objects[1]).toMatchObject({ data: { 'enc.env': '**SOPS**' } })
    expect(objects[3]).toMatchObject({ data: { a: '***' } })
    expect(result.stdout).not.toMatch(/canary-6b|Y2FuYXJ5|ENC\[/)
  })

  test('builds another folder for it, and says what is missing', async () => {
    const here = ['--kustomization-file', 'ks.yaml', '--dry-run']
    const base = await run('build', 'ks', 'app', '--path', 'base', ...here)
    expect(parseObjects(base.stdout).map(({ metadata }) => metadata.name)).toContain('cm')
    expect(await run('build', 'ks', 'app', '--path', 'nowhere', ...here)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('kustomization path not found'),
    })
    expect(await run('build', 'ks', 'other', ...here)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('Kustomization/other'),
    })
  })
})

describe('sluice kustomize build', () => {
  test('prints exactly what kustomize prints, or writes it to a file', async () => {
    const result = await run('kustomize', 'build', 'base')
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout).toMatch(/^apiVersion: v1\n/)
    expect(await run('kustomize', 'build', 'base', '-o', 'out.yaml')).toMatchObject({ code: 0, stdout: '' })
    expect(readFileSync(join(dir, 'out.yaml'), 'utf8')).toBe(result.stdout)
  })

  test('ends with 1 and kustomize’s words, and reads nothing outside of the root, by path or by link', async () => {
    expect(await run('kustomize', 'build', 'nowhere')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Error: must build at directory: /),
    })
    write('evil/kustomization.yaml', 'resources: [../outside.yaml]\n')
    expect(await run('kustomize', 'build', 'evil')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Error: .*security; file/),
    })
    const open = ['--load-restrictor', 'LoadRestrictionsNone']
    expect(await run('kustomize', 'build', 'evil', ...open)).toMatchObject({ code: 0 })
    expect(await run('kustomize', 'build', 'evil', ...open, '--root', 'evil')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is outside'),
    })
    symlinkSync('/etc/hostname', join(dir, 'evil/link.yaml'))
    write('evil/kustomization.yaml', 'resources: [link.yaml]\n')
    expect(await run('kustomize', 'build', 'evil', ...open)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('symbolic link'),
    })
  })
})
