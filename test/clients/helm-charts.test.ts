import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryTree } from '../../src/base/file-tree.ts'
import type { SourceContext } from '../../src/engine/source/context.ts'
import { buildLocal } from '../../src/engine/source/helm/build.ts'
import { chartOfArchive } from '../../src/engine/source/helm/chart.ts'
import { chartInIndex, parseIndex } from '../../src/engine/source/helm/index-file.ts'
import { layersOf, Registry } from '../../src/engine/source/oci/registry.ts'
import { chartFiles } from '../../src/engine/testing/chart-repository.ts'
import { FaultyServer } from '../../src/engine/testing/faulty-server.ts'
import { RegistryStandIn } from '../../src/engine/testing/registry.ts'
import { parseYaml } from '../../src/kube/yaml/index.ts'
import { helms } from './binaries.ts'

const run = promisify(execFile)

// What we make of charts, indexes and registries, beside what helm makes of the same.
// A file without any suite counts as failed, so that one that is skipped stands for all.
const found = helms.length === 0 ? [{ name: 'helm', path: '' }] : helms
describe.skipIf(helms.length === 0).each(found)('charts beside $name', ({ path }) => {
  let dir: string
  let registry: RegistryStandIn
  let repository: FaultyServer
  const helm = async (...args: string[]): Promise<string> => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: dir,
      HELM_CACHE_HOME: `${dir}/c`,
      HELM_CONFIG_HOME: `${dir}/f`,
      HELM_DATA_HOME: `${dir}/d`,
    }
    return (await run(path, args, { env, cwd: dir, timeout: 60_000 })).stdout
  }
  const write = (files: Readonly<Record<string, string>>): void => {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, file)), { recursive: true })
      writeFileSync(join(dir, file), text)
    }
  }
  const below = (folder: string, files: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text]))
  const build = (files: Readonly<Record<string, string>>, folder: string, valuesFiles: string[] = []) =>
    buildLocal(
      {
        context: {} as SourceContext,
        namespace: 'x',
        tree: memoryTree(files),
        folder,
        path: folder,
        signal: AbortSignal.timeout(30_000),
      },
      { valuesFiles, ignoreMissing: false, versionMetadata: '', stored: undefined },
    )

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'sluice-helm-'))
    registry = await RegistryStandIn.start()
    repository = await FaultyServer.start(({ path: asked }) => {
      try {
        return { status: 200, body: readFileSync(join(dir, 'repo', asked.split('?')[0]!)) }
      } catch {
        return { status: 404 }
      }
    })
  })
  afterAll(async () => {
    await registry.close()
    await repository.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('packs the same files as helm package does, dependencies and ignored ones included', async () => {
    const parent = chartFiles('parent', '1.2.3', {
      '.helmignore': '# notes\n*.bak\n/docs\nsecret/\n',
      'x.bak': 'no',
      'docs/a.md': 'no',
      'secret/b.txt': 'no',
      'templates/.swp': 'no',
      'templates/sub/_helpers.tpl': '{{/* x */}}',
      'crds/crd.yaml': 'a: 1\n',
      'README.md': '# x\n',
      LICENSE: 'x\n',
      'values.schema.json': '{"type":"object"}',
    })
    const chart = `${parent['Chart.yaml']}dependencies:\n- name: local\n  version: 0.x\n  repository: file://../local\n`
    const files = {
      ...below('charts/parent', { ...parent, 'Chart.yaml': chart }),
      ...below('charts/local', chartFiles('local', '0.1.0')),
    }
    write(files)
    const ours = await chartOfArchive((await build(files, 'charts/parent')).bytes!)
    await helm('package', '--dependency-update', 'charts/parent', '-d', 'out')
    const theirs = await chartOfArchive(readFileSync(join(dir, 'out/parent-1.2.3.tgz')))
    const shape = (made: typeof ours) =>
      Object.fromEntries(
        [...made.files]
          // helm pins what it resolved; the file holds a time.
          .filter(([file]) => file !== 'Chart.lock')
          .map(([file, bytes]) => [file, file.endsWith('Chart.yaml') ? parseYaml(bytes) : bytes.toString()] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      )
    expect(shape(ours)).toEqual(shape(theirs))
  })

  it('makes charts that helm lints, shows and renders', async () => {
    const files = { ...below('app', chartFiles('app', '1.0.0')), 'prod.yaml': 'image:\n  tag: prod\n' }
    const { bytes } = await build(files, 'app', ['app/values.yaml', 'prod.yaml'])
    writeFileSync(join(dir, 'app.tgz'), bytes!)
    expect(parseYaml(await helm('show', 'values', 'app.tgz'))).toEqual({
      replicas: 1,
      image: { name: 'app', tag: 'prod' },
    })
    expect(await helm('lint', 'app.tgz')).toContain('1 chart(s) linted, 0 chart(s) failed')
    expect(await helm('template', 'x', 'app.tgz')).toContain('tag: "prod"')
  })

  it('reads the indexes that helm makes, and takes the version that helm takes', async () => {
    for (const version of ['0.9.0', '1.0.0', '1.2.0', '1.10.0', '2.0.0-rc.1', '2.0.0', '2.1.0+b1', '3.0.0-beta.2']) {
      write(below(`v/${version}`, chartFiles('many', version)))
      await helm('package', `v/${version}`, '-d', 'repo')
    }
    await helm('repo', 'index', 'repo')
    const { index } = parseIndex(readFileSync(join(dir, 'repo/index.yaml')))
    expect(index.get('many')).toHaveLength(8)
    for (const range of [
      '',
      '1.x',
      '^1.0.0',
      '~1.2',
      '>=1.0.0 <2.0.0',
      '>=2.0.0-0',
      '<=1.2',
      '1.0.0',
      '>2',
      '!=2.1.0 >1',
      '1 - 2.0.0',
      '*-0',
      '2.0.0-rc.1',
      '^0.9',
    ]) {
      const out = `pull-${readdirSync(dir).length}`
      mkdirSync(join(dir, out))
      const theirs = await helm(
        'pull',
        'many',
        '--repo',
        repository.url,
        ...(range === '' ? [] : ['--version', range]),
        '-d',
        out,
      )
        .then(() => readdirSync(join(dir, out))[0])
        .catch(() => 'none')
      const ours = ((): string => {
        try {
          return `many-${chartInIndex(index, 'many', range).version}.tgz`
        } catch {
          return 'none'
        }
      })()
      expect(ours, range).toBe(theirs)
    }
  })

  it('pulls from a registry what helm pushed there', async () => {
    write(below('pushed', chartFiles('pushed', '1.0.0+build.1')))
    await helm('package', 'pushed', '-d', 'push')
    await helm('push', 'push/pushed-1.0.0+build.1.tgz', `oci://${registry.host}/charts`, '--plain-http')
    const client = new Registry(
      { host: registry.host, path: 'charts/pushed' },
      { access: {}, insecure: true, signal: AbortSignal.timeout(30_000) },
    )
    try {
      expect(await client.tags()).toEqual(['1.0.0_build.1'])
      const layers = layersOf(await client.manifest('1.0.0_build.1'))
      const layer = layers.find(({ mediaType }) => mediaType === 'application/vnd.cncf.helm.chart.content.v1.tar+gzip')
      expect((await chartOfArchive(await client.blob(layer!))).version).toBe('1.0.0+build.1')
    } finally {
      await client.close()
    }
  })
})
