import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { silentLogger } from '../../src/base/log.ts'
import { type Fleet, readFleetSpecs } from '../../src/bootstrap/index.ts'
import { type LocalSystem, startLocal } from '../../src/local/start-local.ts'

export const exampleSpecs = fileURLToPath(new URL('../../examples/eks-anywhere', import.meta.url))

/** A local system in a temporary folder: real Git host, real API server, machines and engine. */
export interface LocalFixture {
  readonly system: LocalSystem
  readonly dataDir: string
  /** Arguments that point a command at this system. */
  readonly args: readonly string[]
  /** Called when the fixture is closed, before the system ends; last one first. */
  after(end: () => Promise<unknown>): void
  /** Ends the system and leaves its folder. */
  stop(): Promise<void>
  close(): Promise<void>
}

/** @param options.from a data folder of a system that was closed, of which a copy is gone on with */
export async function startFixture({
  from,
  ...options
}: {
  readonly engine?: boolean
  readonly from?: string
} = {}): Promise<LocalFixture> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-test-'))
  if (from !== undefined) await cp(from, dataDir, { recursive: true })
  const stop = new AbortController()
  const system = await startLocal({
    dataDir,
    organization: 'acme',
    signal: stop.signal,
    logger: silentLogger,
    machineReadyAfterMs: 0,
    ...options,
  })
  const ends: (() => Promise<unknown>)[] = []
  const end = async () => {
    for (const end of ends.splice(0).reverse()) await end()
    stop.abort(new Error('the test is over'))
    await system.close()
  }
  return {
    system,
    dataDir,
    args: ['--data', dataDir],
    after: end => void ends.push(end),
    stop: end,
    close: async () => {
      await end()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** The example fleet, read as a command reads it. */
export async function exampleFleet(): Promise<Fleet> {
  const names = (await readdir(exampleSpecs)).filter(name => name.endsWith('.yaml')).sort()
  return readFleetSpecs(
    await Promise.all(
      names.map(async name => ({ path: name, text: await readFile(join(exampleSpecs, name), 'utf8') })),
    ),
  )
}
