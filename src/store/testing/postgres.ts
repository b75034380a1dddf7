import { execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { Secret } from '../../secrets/secret.ts'

/** A private PostgreSQL on loopback, with its data in a temporary folder. */
export interface TestPostgres {
  /** Makes a new database and gives its URL. */
  database(): Promise<Secret>
  /** Ends it, and with it every connection; its data stay. */
  stop(): Promise<void>
  /** Starts it again after {@link stop}, at the same address. */
  start(): Promise<void>
  close(): Promise<void>
}

const run = promisify(execFile)

/** The newest PostgreSQL of this machine: the folder of its programs, or undefined. */
export function postgresPrograms(): string | undefined {
  const root = '/usr/lib/postgresql'
  if (!existsSync(root)) return undefined
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a))
  return versions.map(version => join(root, version, 'bin')).find(bin => existsSync(join(bin, 'initdb')))
}

/** Starts it; undefined where PostgreSQL is not installed, and tests that need it skip. */
export async function startTestPostgres(): Promise<TestPostgres | undefined> {
  const bin = postgresPrograms()
  if (bin === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'sluice-pg-'))
  // It refuses to run as root.
  const user: { uid?: number; gid?: number } | undefined = process.getuid?.() === 0 ? await idsOf('postgres') : {}
  if (user === undefined) return undefined
  if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' }
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'sluice', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...user,
    env,
    cwd: folder,
  })
  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'fsync=off']
  const words = ['-D', data, '-p', String(port), ...settings.flatMap(setting => ['-c', setting])]
  const url = (name: string) => `postgres://sluice@127.0.0.1:${port}/${name}`
  let stop = async (): Promise<void> => {}
  const begin = (): void => {
    const server = spawn(join(bin, 'postgres'), words, { ...user, env, cwd: folder, stdio: 'ignore' })
    const ended = new Promise<void>(resolve => server.once('exit', () => resolve()))
    stop = async () => {
      server.kill('SIGINT')
      await ended
    }
  }
  begin()
  const close = async () => {
    await stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await untilReady(url('postgres'))
  } catch (error) {
    await close()
    throw error
  }
  let count = 0
  return {
    async database() {
      const name = `test_${++count}`
      const client = new pg.Client({ connectionString: url('postgres') })
      await client.connect()
      await client.query(`CREATE DATABASE ${name}`)
      await client.end()
      return Secret.of(url(name))
    },
    stop: () => stop(),
    async start() {
      begin()
      await untilReady(url('postgres'))
    },
    close,
  }
}

async function idsOf(name: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const id = async (flag: string) => Number((await run('id', [flag, name])).stdout)
    return { uid: await id('-u'), gid: await id('-g') }
  } catch {
    return undefined
  }
}

async function untilReady(connectionString: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      await client.end().catch(() => {})
      if (attempt >= 300) throw error
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
