import { access, constants } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import { SluiceError } from '../base/errors/index.ts'
import { cachedPath, type Environment, isCached } from './cache.ts'
import { carriedHelm } from './catalogue.ts'
import { runProgram } from './run.ts'

/** A helm that can be used. */
export interface FoundHelm {
  readonly path: string
  /** `4.1.4`. */
  readonly version: string
  readonly from: 'SLUICE_HELM' | 'PATH' | 'cache'
}

/**
 * Finds a helm of version 4: the one that `SLUICE_HELM` names, the first one on `PATH`, or the one that
 * `sluice tools install` fetched. Fails with E_TOOL_VERSION when the named one will not do, and with E_TOOL_MISSING.
 */
export async function findHelm(env: Environment, signal?: AbortSignal): Promise<FoundHelm> {
  const named = env['SLUICE_HELM']
  if (named) {
    const version = await versionOf(named, signal)
    if (version !== undefined && isUsable(version)) return { path: named, version, from: 'SLUICE_HELM' }
    throw new SluiceError('E_TOOL_VERSION', {
      object: `SLUICE_HELM=${named}`,
      expected: 'helm 4',
      seen: version ?? 'no helm',
    })
  }
  const passed: string[] = []
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'helm')
    if (!isAbsolute(folder) || !(await isExecutable(path))) continue
    const version = await versionOf(path, signal)
    if (version !== undefined && isUsable(version)) return { path, version, from: 'PATH' }
    passed.push(`${path} is ${version === undefined ? 'no helm' : `version ${version}`}`)
  }
  if (await isCached(carriedHelm, env)) {
    return { path: cachedPath(carriedHelm, env), version: carriedHelm.version, from: 'cache' }
  }
  throw new SluiceError('E_TOOL_MISSING', {
    object: 'helm',
    expected: 'version 4',
    seen: passed.length > 0 ? passed.join(', ') : 'none on PATH and none fetched',
  })
}

function isUsable(version: string): boolean {
  return /^4\./.test(version)
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

async function versionOf(path: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  try {
    const result = await runProgram(path, ['version', '--template', '{{.Version}}'], {
      env: { HOME: '/nonexistent' },
      cwd: '/',
      timeoutMs: 20_000,
      maxOutputBytes: 64 * 1024,
      ...(signal ? { signal } : {}),
    })
    return /^v?(\d+\.\d+\.\d+\S*)/.exec(result.stdout.trim())?.[1]
  } catch {
    signal?.throwIfAborted()
    return undefined
  }
}
