import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { CarriedTool } from './catalogue.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where a fetched program is kept: in a folder of its digest, so that versions never mix. */
export function cachedPath(tool: CarriedTool, env: Environment): string {
  const cache = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache')
  return join(cache, 'sluice', 'tools', tool.sha256, tool.name)
}

/** Whether the program is in the cache, byte for byte as it must be. */
export async function isCached(tool: CarriedTool, env: Environment): Promise<boolean> {
  const bytes = await readFile(cachedPath(tool, env)).catch(() => undefined)
  return bytes !== undefined && sha256(bytes) === tool.sha256
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
