import { createHash } from 'node:crypto'
import { lstat, mkdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../../base/atomic-file.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Artifact } from '../artifact.ts'
import type { ArtifactFile } from '../sources.ts'
import { collectGarbage, type Retention } from './garbage.ts'

export interface StorageOptions {
  /** A folder of the engine's own. */
  readonly dir: string
  readonly clock: Clock
  /**
   * Host and port at which consumers in the cluster reach the store (Flux: --storage-adv-addr). When absent nothing is
   * served: URLs then name a host that does not resolve (RFC 2606), so that nobody takes them for real.
   */
  readonly advertised?: string | undefined
  readonly retention?: Retention
}

/** What to store. */
export interface NewArtifact {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** Name of the file; part of `status.artifact.path`. */
  readonly file: string
  readonly revision: string
  readonly bytes: Buffer
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

const unserved = 'not-served.invalid'
const fileName = /^[A-Za-z0-9][A-Za-z0-9._+:@-]{0,250}$/
const label = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/

/**
 * Artifacts as files, at Flux's paths (`<kind>/<namespace>/<name>/<file>`). A file is written beside its place, synced and
 * renamed, so that a reader, a crash or a full disk sees a whole artifact or none; its digest is checked when it is read.
 */
export class ArtifactStorage {
  readonly dir: string
  readonly #clock: Clock
  readonly #host: string
  readonly #retention: Retention
  /** Whether somebody serves the files, so that sources must also be packed for others. */
  readonly served: boolean

  constructor(options: StorageOptions) {
    this.dir = options.dir
    this.#clock = options.clock
    this.served = options.advertised !== undefined
    this.#host = options.advertised ?? unserved
    this.#retention = options.retention ?? { ttlMs: 60_000, records: 2 }
  }

  /** Stores an artifact durably. @throws E_FILE_WRITE; Error for a name that cannot be a file */
  async put(artifact: NewArtifact): Promise<Artifact> {
    const path = artifactPath(artifact.kind, artifact.namespace, artifact.name, artifact.file)
    if (!fileName.test(artifact.file) || this.localPath({ path }) === undefined) {
      throw new Error(`'${path}' cannot be the path of an artifact`)
    }
    await writeFileAtomic(join(this.dir, path), artifact.bytes, 0o600)
    return {
      digest: `sha256:${createHash('sha256').update(artifact.bytes).digest('hex')}`,
      lastUpdateTime: `${this.#clock.now().toISOString().slice(0, 19)}Z`,
      path,
      revision: artifact.revision,
      size: artifact.bytes.length,
      url: this.urlOf(path),
      ...(artifact.metadata !== undefined && Object.keys(artifact.metadata).length > 0
        ? { metadata: { ...artifact.metadata } }
        : {}),
    }
  }

  /** Makes `latest.tar.gz` (or another name) stand for an artifact. Returns its address; best effort, as in Flux. */
  async pointLatest(artifact: Artifact, name: 'latest.tar.gz' | 'index.yaml'): Promise<string | undefined> {
    const cut = artifact.path.lastIndexOf('/')
    const folder = artifact.path.slice(0, cut)
    const link = join(this.dir, folder, name)
    try {
      const target = artifact.path.slice(cut + 1)
      if ((await readlink(link).catch(() => undefined)) === target) return this.urlOf(`${folder}/${name}`)
      await rm(`${link}.tmp`, { force: true })
      await symlink(target, `${link}.tmp`)
      await rename(`${link}.tmp`, link)
      return this.urlOf(`${folder}/${name}`)
    } catch {
      return undefined
    }
  }

  /** The address of a path in the store. */
  urlOf(path: string): string {
    return `http://${this.#host}/${path}`
  }

  /** The bytes of an artifact that are what its digest says; undefined when they are not here or not whole. */
  async read(artifact: Artifact): Promise<Buffer | undefined> {
    const path = this.localPath(artifact)
    if (path === undefined) return undefined
    const bytes = await readFile(path).catch(() => undefined)
    if (bytes === undefined) return undefined
    return `sha256:${createHash('sha256').update(bytes).digest('hex')}` === artifact.digest ? bytes : undefined
  }

  /** Whether an artifact is here: `damaged` when its bytes are not those of its digest. */
  async check(artifact: Artifact): Promise<'intact' | 'damaged' | 'missing'> {
    const path = this.localPath(artifact)
    if (path === undefined) return 'missing'
    const found = await lstat(path).catch(() => undefined)
    if (found === undefined || !found.isFile()) return 'missing'
    return (await this.read(artifact)) === undefined ? 'damaged' : 'intact'
  }

  /** An artifact as a file, its digest checked. */
  async open(artifact: Artifact): Promise<ArtifactFile | undefined> {
    const bytes = await this.read(artifact)
    if (bytes === undefined) return undefined
    const { digest, revision } = artifact
    return { path: this.localPath(artifact)!, digest, size: bytes.length, revision }
  }

  /** Where an artifact lies; undefined when its path is none of this store's: status is written by more than us. */
  localPath({ path }: Pick<Artifact, 'path'>): string | undefined {
    const [kind, namespace, name, file, ...more] = path.split('/')
    if (more.length > 0 || kind === undefined || !/^[a-z]+$/.test(kind)) return undefined
    if (!label.test(namespace ?? '') || !label.test(name ?? '') || !fileName.test(file ?? '')) return undefined
    return join(this.dir, path)
  }

  async remove(artifact: Artifact): Promise<void> {
    const path = this.localPath(artifact)
    if (path !== undefined) await rm(path, { force: true })
  }

  /** Everything of one object. */
  async removeAll(kind: string, namespace: string, name: string): Promise<void> {
    if (!label.test(namespace) || !label.test(name)) return
    await rm(join(this.dir, kind.toLowerCase(), namespace, name), { recursive: true, force: true })
  }

  /** Removes old artifacts of an object beside the current one; returns how many. */
  async collect(current: Artifact): Promise<number> {
    const path = this.localPath(current)
    return path === undefined ? 0 : collectGarbage(path, this.#retention, this.#clock.now())
  }

  async prepare(): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 })
  }
}

/** `<kind in lower case>/<namespace>/<name>/<file>`, as fluxcd/pkg's ArtifactPath. */
export function artifactPath(kind: string, namespace: string, name: string, file: string): string {
  return `${kind.toLowerCase()}/${namespace}/${name}/${file}`
}
