import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Pool } from 'undici'
import { createApplication } from '../src/apps/create-application.ts'
import { deployTo } from '../src/apps/deploy-to.ts'
import { writeEnvironment } from '../src/apps/environments.ts'
import type { AppsPlace } from '../src/apps/paths.ts'
import { readTemplates, templateFiles } from '../src/apps/templates.ts'
import { memoryTree } from '../src/base/file-tree.ts'
import { readFleetSpecs } from '../src/bootstrap/index.ts'
import { findFleetSync } from '../src/fleet/find-sync.ts'
import { bootstrapLocal } from '../src/local/bootstrap-local.ts'
import { cloneAsPerson } from '../src/local/git-person.ts'
import { type LocalSystem, startLocal } from '../src/local/start-local.ts'
import { acting, connect } from '../src/server/testing/connected-server.ts'
import { startTestServer, type TestServer } from '../src/server/testing/test-server.ts'
import { fanOut } from './console/fan-out.ts'
import { firstPaint } from './console/paint.ts'
import { percentile } from './stats.ts'
import type { BenchContext, Benchmark, Figure } from './types.ts'

const connections = 50
const tabs = 200
const run = promisify(execFile)

/** The server with many applications in Git: how quickly it answers, how quickly a page shows, how changes spread. */
export const consoleBench: Benchmark = {
  name: 'console',
  about: 'API p50/p99 under 50 connections with 1000 applications, first paint, sizes, changes to 200 tabs',
  async run(context) {
    const { note, scale, signal } = context
    const dataDir = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
    const logger = { debug() {}, info() {}, warn: note, error: note }
    const specs = 'examples/eks-anywhere'
    const names = (await readdir(specs)).filter(name => name.endsWith('.yaml')).sort()
    const fleet = readFleetSpecs(
      await Promise.all(names.map(async name => ({ path: name, text: await readFile(join(specs, name), 'utf8') }))),
    )
    const system = await startLocal({ dataDir, organization: fleet.owner, signal, logger, machineReadyAfterMs: 0 })
    let server: TestServer | undefined
    try {
      const report = await bootstrapLocal(system, { fleet, dataDir, signal, timeoutMs: 60_000 })
      if (report.error) throw report.error
      const count = context.sizes?.[0] ?? Math.max(10, Math.round(1000 * scale))
      await putApplications(system, count, context)
      server = await startTestServer({ client: system.client, webDir: 'dist/web' })
      await connect(acting(server), system)
      return [
        ...(await askUnderLoad(server, count, context)),
        ...(await fanOut(server, tabs, Math.max(10, Math.round(50 * scale)))),
        ...(await firstPaint(server, note)),
        ...(await sizes()),
      ]
    } finally {
      await server?.close()
      await system.close()
      await rm(dataDir, { recursive: true, force: true })
    }
  },
}

/**
 * Applications in Git, each in two environments, as the console makes them; without what makes the cluster apply them, because
 * the API is what is measured here.
 */
async function putApplications(system: LocalSystem, count: number, { note, signal }: BenchContext): Promise<void> {
  const sync = await findFleetSync(system.client, signal)
  const place: AppsPlace = {
    fleetPath: sync.path,
    systemNamespace: sync.namespace,
    sourceName: sync.sourceName,
  }
  const files: Record<string, string | Buffer> = {}
  const take = (changes: readonly { readonly path: string; readonly content: string | Buffer | undefined }[]) => {
    for (const { path, content } of changes) if (content !== undefined) files[path] = content
  }
  for (const [i, name] of ['staging', 'production'].entries()) take(writeEnvironment({ name, spec: { order: i } }))
  const template = (await readTemplates('charts')).find(one => one.name === 'web-service')!
  take(await templateFiles(memoryTree({}), template))
  const chart = { kind: 'Template', name: template.name, version: template.version } as const
  const environments = memoryTree(files)
  for (let i = 0; i < count; i++) {
    const app = `app-${String(i).padStart(4, '0')}`
    const project = `team-${i % 20}`
    take(await createApplication(environments, place, { name: app, project, chart, values: template.values }))
    for (const environment of ['staging', 'production']) {
      const deployed = await deployTo(environments, place, { app, project, environment, override: { replicas: 3 } })
      take(deployed.filter(file => !file.path.startsWith(sync.path)))
    }
  }
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-clone-'))
  try {
    const { token, state } = system
    const checkout = await cloneAsPerson({
      url: sync.url,
      token,
      user: state.user,
      branch: sync.branch,
      folder,
      signal,
    })
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), content)
    }
    await run('git', ['add', '-A'], { cwd: folder, maxBuffer: 64 * 1024 * 1024 })
    await checkout.commit(`Add ${count} applications`)
    await checkout.push()
    note(`${count} applications, ${Object.keys(files).length} files in Git`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Every path by 50 connections at once; held against the answer that costs nothing. */
async function askUnderLoad(server: TestServer, count: number, { note, scale }: BenchContext): Promise<Figure[]> {
  const pool = new Pool(server.url, { connections })
  const figures: Figure[] = []
  let bare = { p50: Number.NaN, p99: Number.NaN }
  try {
    for (const path of [
      '/healthz',
      '/api/v1/session',
      '/api/v1/fleet',
      '/api/v1/applications',
      '/api/v1/environments',
    ]) {
      const ask = async () => {
        const start = performance.now()
        const { statusCode, body } = await pool.request({ path, method: 'GET', headers: server.administrator.headers })
        await body.dump()
        if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}`)
        return performance.now() - start
      }
      // The first answer reads what later ones have in memory.
      await ask()
      const samples: number[] = []
      const rounds = Math.max(5, Math.round(20 * scale))
      await Promise.all(
        Array.from({ length: connections }, async () => {
          for (let i = 0; i < rounds; i++) samples.push(await ask())
        }),
      )
      const [p50, p99] = [percentile(samples, 0.5), percentile(samples, 0.99)]
      if (path === '/healthz') bare = { p50, p99 }
      const against = (ratio: number) => (path === '/healthz' ? {} : { against: { name: '/healthz', ratio } })
      figures.push(
        { name: `GET ${path} p50, ${connections} at once`, value: p50, unit: 'ms', ...against(p50 / bare.p50) },
        { name: `GET ${path} p99, ${connections} at once`, value: p99, unit: 'ms', ...against(p99 / bare.p99) },
      )
      note(`GET ${path}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms with ${count} applications`)
    }
  } finally {
    await pool.close()
  }
  return figures
}

/** What the built console weighs, packed. */
async function sizes(): Promise<Figure[]> {
  const { stdout } = await run(process.execPath, ['scripts/web-sizes.mjs', '--json']).catch(
    (error: { stdout: string }) => error,
  )
  const { shell, css, budget } = JSON.parse(stdout) as { shell: number; css: number; budget: number }
  const against = { name: 'the budget', ratio: shell / budget }
  return [
    { name: 'script of the first page, packed, KiB', value: shell / 1024, unit: '', against },
    { name: 'style of the first page, packed, KiB', value: css / 1024, unit: '' },
  ]
}
