import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../secrets/secret.ts'
import { startCluster } from './start.ts'
import { TestClient } from './testing/http-client.ts'

let work = ''

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'sluice-durability-'))
  symlinkSync(resolve('node_modules'), join(work, 'node_modules'))
  const main = join(work, 'main.ts')
  writeFileSync(
    main,
    `import { startCluster } from ${JSON.stringify(resolve('src/sandbox/index.ts'))}
     const cluster = await startCluster({ dataDir: process.argv[2] })
     console.log(JSON.stringify({ url: cluster.url, ca: cluster.caPem, token: cluster.adminToken.reveal() }))`,
  )
  const options = { bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'silent' } as const
  await build({ entryPoints: [main], outfile: join(work, 'main.mjs'), ...options })
})

afterAll(() => rmSync(work, { recursive: true, force: true }))

interface Server {
  readonly child: ChildProcess
  readonly client: TestClient
}

async function startChild(dataDir: string): Promise<Server> {
  const child = spawn(process.execPath, [join(work, 'main.mjs'), dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  const line = await new Promise<string>((done, fail) => {
    child.stdout!.once('data', (chunk: Buffer) => done(chunk.toString('utf8')))
    child.once('exit', code => fail(new Error(`the server ended with ${code}`)))
  })
  const { url, ca, token } = JSON.parse(line) as { url: string; ca: string; token: string }
  return { child, client: new TestClient({ url, caPem: ca, adminToken: Secret.of(token) }) }
}

/** Writes until the server dies; returns what it acknowledged: name → version. */
async function writeUntilDeath({ client }: Server, prefix: string): Promise<Map<string, number>> {
  const acknowledged = new Map<string, number>()
  const writer = async (id: number) => {
    for (let i = 0; ; i++) {
      const name = `${prefix}-${id}-${i}`
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { n: String(i) } }
      try {
        const reply = await client.ask({ method: 'POST', path: '/api/v1/namespaces/default/configmaps', body })
        if (reply.status !== 201) return
        acknowledged.set(name, Number(reply.json<{ metadata: { resourceVersion: string } }>().metadata.resourceVersion))
      } catch {
        return
      }
    }
  }
  await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(writer))
  return acknowledged
}

describe('a cluster that is killed while it is written to', () => {
  it('has every write that it acknowledged, and its versions go on rising', async () => {
    const dataDir = join(work, 'data')
    const all = new Map<string, number>()
    for (let round = 0; round < 3; round++) {
      const server = await startChild(dataDir)
      const writing = writeUntilDeath(server, `r${round}`)
      await new Promise(done => setTimeout(done, 250 + round * 130))
      server.child.kill('SIGKILL')
      const acknowledged = await writing
      server.client.close()
      expect(acknowledged.size).toBeGreaterThan(0)
      const lowest = Math.min(...acknowledged.values())
      expect(lowest).toBeGreaterThan(Math.max(0, ...all.values()))
      for (const [name, version] of acknowledged) all.set(name, version)
    }
    const cluster = await startCluster({ dataDir })
    const client = new TestClient(cluster)
    try {
      const list = (await client.ask({ path: '/api/v1/namespaces/default/configmaps' })).json<{
        metadata: { resourceVersion: string }
        items: { metadata: { name: string; resourceVersion: string } }[]
      }>()
      const found = new Map(list.items.map(item => [item.metadata.name, Number(item.metadata.resourceVersion)]))
      for (const [name, version] of all) expect(found.get(name), name).toBe(version)
      expect(Number(list.metadata.resourceVersion)).toBeGreaterThanOrEqual(Math.max(...all.values()))
    } finally {
      client.close()
      await cluster.close()
    }
  })
})
