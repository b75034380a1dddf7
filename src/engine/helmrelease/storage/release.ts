import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { isObject } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Values } from '../values/tables.ts'
import { joinMembers, rawItems, rawMembers } from './raw-json.ts'

/** A hook of a release and its last run. */
export interface StoredHook {
  readonly name: string
  readonly kind: string
  readonly events?: readonly string[]
  readonly last_run?: { readonly started_at?: string; readonly completed_at?: string; readonly phase?: string }
}

/** One revision of a release as helm stores it (helm pkg/release/v1, driver `secret`). */
export interface StoredRelease {
  readonly name: string
  readonly namespace: string
  readonly version: number
  /** `deployed`, `failed`, `superseded`, `uninstalled`, `pending-install`, … */
  readonly status: string
  readonly info: {
    readonly first_deployed?: string
    readonly last_deployed?: string
    readonly deleted?: string
    readonly description?: string
  }
  readonly chart: { readonly name: string; readonly version: string; readonly appVersion?: string }
  readonly config: Values
  readonly manifest: string
  readonly hooks: readonly StoredHook[]
  /** Top-level members as they were written. */
  readonly raw: ReadonlyMap<string, string>
}

export const releaseType = 'helm.sh/release.v1'
/** A release cannot be larger than a Secret; packed text may be this much larger. */
const largest = 256 * 1024 * 1024

export function storageName(release: string, version: number): string {
  return `sh.helm.release.v1.${release}.v${version}`
}

/** Reads the Secret of a release; undefined when it holds none. */
export function decodeRelease(secret: KubeObject): StoredRelease | undefined {
  const data = (secret['data'] as Record<string, string> | undefined)?.['release']
  if (data === undefined) return undefined
  try {
    const packed = Buffer.from(Buffer.from(data, 'base64').toString('latin1'), 'base64')
    const json = packed[0] === 0x1f && packed[1] === 0x8b ? gunzipSync(packed, { maxOutputLength: largest }) : packed
    const release = parseRelease(json.toString('utf8'))
    return release.name !== '' && release.version > 0 ? release : undefined
  } catch {
    return undefined
  }
}

function parseRelease(json: string): StoredRelease {
  const raw = rawMembers(json)
  const read = (key: string): unknown => (raw.has(key) ? JSON.parse(raw.get(key)!) : undefined)
  const info = (read('info') ?? {}) as StoredRelease['info'] & { status?: string }
  const metadata = JSON.parse(chartMetadata(raw) ?? '{}') as Partial<StoredRelease['chart']>
  const config = read('config')
  return {
    name: String(read('name') ?? ''),
    namespace: String(read('namespace') ?? ''),
    version: Number(read('version') ?? 0),
    status: info.status ?? 'unknown',
    info,
    chart: { ...metadata, name: metadata.name ?? '', version: metadata.version ?? '' },
    config: isObject(config) ? config : {},
    manifest: String(read('manifest') ?? ''),
    hooks: (read('hooks') ?? []) as StoredHook[],
    raw,
  }
}

/** The data of a release with another status, everything else byte for byte as it was. */
export function encodeWithStatus(release: StoredRelease, status: string, description: string): string {
  const info = rawMembers(release.raw.get('info') ?? '{}')
  info.set('status', JSON.stringify(status))
  info.set('description', JSON.stringify(description))
  const members = new Map(release.raw)
  members.set('info', joinMembers(info))
  const text = gzipSync(joinMembers(members)).toString('base64')
  return Buffer.from(text, 'latin1').toString('base64')
}

/**
 * Flux's digest of a stored release (helm-controller internal/release: an Observation as Go's JSON). Runs of test hooks
 * are left out, so that a test by hand changes nothing.
 */
export function digestRelease(release: StoredRelease, ociDigest = ''): string {
  const { raw } = release
  const hooks = rawItems(raw.get('hooks') ?? '[]').filter((_hook, index) => !isTest(release.hooks[index]))
  const observed = new Map([
    ['name', raw.get('name') ?? '""'],
    ['version', raw.get('version') ?? '0'],
    ['info', raw.get('info') ?? '{}'],
    ['chartMetadata', chartMetadata(raw) ?? '{}'],
    ['config', Object.keys(release.config).length === 0 ? 'null' : (raw.get('config') ?? 'null')],
    ['manifest', raw.get('manifest') ?? '""'],
    ['hooks', hooks.length === 0 ? 'null' : `[${hooks.join(',')}]`],
    ['namespace', raw.get('namespace') ?? '""'],
    ['ociDigest', JSON.stringify(ociDigest)],
  ])
  return `sha256:${createHash('sha256')
    .update(`${joinMembers(observed)}\n`)
    .digest('hex')}`
}

export function isTest(hook: StoredHook | undefined): boolean {
  return hook?.events?.some(event => event === 'test' || event === 'test-success') === true
}

function chartMetadata(raw: ReadonlyMap<string, string>): string | undefined {
  return rawMembers(raw.get('chart') ?? '{}').get('metadata')
}
