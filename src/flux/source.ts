import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { SluiceError } from '../base/errors/index.ts'
import { download } from './download.ts'
import { manifestsOfCli } from './flux-cli.ts'
import { type FluxManifests, maxManifestBytes, readManifests } from './manifests.ts'
import { checkFluxOptions, checkNamespace, type FluxOptions, fluxDefaults } from './options.ts'
import { shapeManifests } from './shape.ts'

/** The release of Flux whose manifests are used when nothing else is said. */
export const pinnedRelease = 'v2.9.4'

/** Where Flux publishes its releases. */
export const officialReleases = 'https://github.com/fluxcd/flux2/releases/download'

/** Where the manifests come from. `digest` is `sha256:<64 hex digits>` of the bytes as they come. */
export type ManifestSource =
  | { readonly from: 'file'; readonly path: string; readonly digest?: string | undefined }
  /** A text that somebody gave; `name` is what messages call it. */
  | { readonly from: 'text'; readonly name: string; readonly text: string; readonly digest?: string | undefined }
  | { readonly from: 'url'; readonly url: string; readonly digest: string | undefined }
  | { readonly from: 'release'; readonly digest?: string | undefined; readonly releases?: string | undefined }
  | { readonly from: 'cli' }

export interface LoadOptions {
  readonly source: ManifestSource
  readonly options: FluxOptions
  readonly namespace: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

/** Manifests, and in one sentence where they are from and what proves it. */
export interface LoadedManifests {
  readonly manifests: FluxManifests
  readonly origin: string
}

/**
 * Gets the manifests of Flux, checks them and applies the options. Nothing is written.
 *
 * @throws SluiceError E_FLUX_…, E_FILE_READ
 */
export async function loadManifests(load: LoadOptions): Promise<LoadedManifests> {
  const { source, options, namespace, signal } = load
  checkFluxOptions(options)
  checkNamespace(namespace)
  switch (source.from) {
    case 'file':
      return given(load, { ...source, bytes: await readManifestFile(source.path), name: source.path })
    case 'text':
      return given(load, { ...source, bytes: Buffer.from(source.text, 'utf8') })
    case 'url': {
      if (source.digest === undefined)
        throw new SluiceError('E_FLUX_MANIFESTS_DIGEST', {
          object: source.url,
          expected: '--flux-manifests-digest sha256:…',
          seen: 'none',
        })
      checkManifestDigest(source.digest)
      const bytes = await download(source.url, { limit: maxManifestBytes, signal })
      requireDigest(bytes, source.digest, source.url)
      const found = readManifests(bytes.toString('utf8'), source.url)
      return { manifests: shapeManifests(found, options, namespace), origin: `${source.url} (${source.digest})` }
    }
    case 'release':
      return await release(load, source)
    case 'cli': {
      const { text, program } = await manifestsOfCli(load)
      // The program has applied the options itself; only that they came true is looked at.
      const found = readManifests(text, program)
      return { manifests: shapeManifests(found, pick(options, ['version']), namespace), origin: program }
    }
  }
}

function given(
  { options, namespace }: LoadOptions,
  { bytes, name, digest }: { readonly bytes: Buffer; readonly name: string; readonly digest?: string | undefined },
): LoadedManifests {
  const proof = digest === undefined ? digestOf(bytes) : requireDigest(bytes, digest, name)
  const found = readManifests(bytes.toString('utf8'), name)
  return { manifests: shapeManifests(found, options, namespace), origin: `${name} (${proof})` }
}

/**
 * `install.yaml` of a release is made without any options: those of `flux install` are applied to it, the defaults too.
 * What proves it is the digest that was given, else the release's own list of checksums, which comes from the same place.
 */
async function release(
  { options, namespace, signal }: LoadOptions,
  source: Extract<ManifestSource, { from: 'release' }>,
): Promise<LoadedManifests> {
  const version = options.version ?? pinnedRelease
  const base = `${(source.releases ?? officialReleases).replace(/\/+$/, '')}/${version}`
  const url = `${base}/install.yaml`
  if (source.digest !== undefined) checkManifestDigest(source.digest)
  const list = `${base}/flux_${version.slice(1)}_checksums.txt`
  const listed = source.digest === undefined ? await listedDigest(list, signal) : source.digest
  const bytes = await download(url, { limit: maxManifestBytes, signal })
  requireDigest(bytes, listed, url)
  const found = readManifests(bytes.toString('utf8'), url, version)
  const manifests = shapeManifests(found, { ...fluxDefaults, ...options, version }, namespace)
  const proof = source.digest === undefined ? `${listed}, by ${list}` : listed
  return { manifests, origin: `${url} (${proof})` }
}

/** The digest of install.yaml in a release's list of checksums. */
async function listedDigest(list: string, signal: AbortSignal): Promise<string> {
  const text = (await download(list, { limit: 256 * 1024, signal })).toString('utf8')
  for (const line of text.split('\n')) {
    const [, digest] = /^([0-9a-f]{64}) [ *]install\.yaml\s*$/.exec(line) ?? []
    if (digest !== undefined) return `sha256:${digest}`
  }
  throw new SluiceError('E_FLUX_MANIFESTS_DIGEST', {
    object: list,
    expected: 'a line for install.yaml',
    seen: 'none',
    next: 'Give --flux-manifests-digest sha256:… of the install.yaml that you have looked at.',
  })
}

async function readManifestFile(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path)
    if (size > maxManifestBytes)
      throw new SluiceError('E_FLUX_MANIFESTS', {
        object: path,
        expected: `at most ${maxManifestBytes} bytes`,
        seen: `${size}`,
      })
    return await readFile(path)
  } catch (error) {
    if (error instanceof SluiceError) throw error
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new SluiceError('E_FILE_READ', { object: path, seen: code, cause: error })
  }
}

/** @throws SluiceError E_FLUX_MANIFESTS_DIGEST for a text that is no digest */
export function checkManifestDigest(digest: string): void {
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return
  throw new SluiceError('E_FLUX_MANIFESTS_DIGEST', {
    object: '--flux-manifests-digest',
    expected: 'sha256: and 64 hexadecimal digits',
    seen: JSON.stringify(digest.slice(0, 100)),
  })
}

function requireDigest(bytes: Buffer, digest: string, object: string): string {
  checkManifestDigest(digest)
  const seen = digestOf(bytes)
  if (seen !== digest) throw new SluiceError('E_FLUX_MANIFESTS_DIGEST', { object, expected: digest, seen })
  return seen
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function pick(options: FluxOptions, names: readonly (keyof FluxOptions)[]): FluxOptions {
  return Object.fromEntries(names.filter(name => options[name] !== undefined).map(name => [name, options[name]]))
}
