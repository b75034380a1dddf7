import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { valueAt } from '../base/json.ts'
import { remoteOf } from '../engine/source/git/remote.ts'
import { isObjectId, type Mirror, openMirror } from '../git/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import {
  type ClusterConfig,
  type EksctlCluster,
  type GitRepository,
  gitRepositoryKind,
  readClusterConfig,
  specError,
} from '../specs/index.ts'

/** What a source offers now. */
export interface SourceRevision {
  /** As the source says it: `main@sha1:…`. */
  readonly revision: string
  readonly commit: string
  readonly source: GitRepository
}

/** More is no ClusterConfig. */
const maxBytes = 1024 * 1024

/** Reads ClusterConfigs at the revisions that sources offer, over mirrors of its own. */
export class ConfigReader {
  readonly #client: KubeClient
  readonly #dataDir: string
  readonly #mirrors = new Map<string, Promise<Mirror>>()

  constructor(client: KubeClient, dataDir: string) {
    this.#client = client
    this.#dataDir = dataDir
  }

  /** The revision that the source of an EksctlCluster offers now. Fails with E_EKSCTL_SOURCE. */
  async revisionOf(object: EksctlCluster, signal: AbortSignal): Promise<SourceRevision> {
    const { sourceRef } = object.spec
    const namespace = object.metadata.namespace ?? ''
    const { group, version, kind } = gitRepositoryKind
    const source = await this.#client.find({ group, version, kind, namespace, name: sourceRef.name }, { signal })
    const where = `GitRepository/${namespace}/${sourceRef.name}`
    const revision = valueAt(source, ['status', 'artifact', 'revision'])
    const commit = typeof revision === 'string' ? revision.slice(revision.lastIndexOf(':') + 1) : ''
    if (source === undefined || typeof revision !== 'string' || !isObjectId(commit)) {
      throw new SluiceError('E_EKSCTL_SOURCE', {
        object: where,
        seen: source === undefined ? 'no such object' : 'no artifact',
      })
    }
    return { revision, commit, source: source as GitRepository }
  }

  /**
   * The file that an EksctlCluster names, at a revision of its source.
   *
   * @throws E_EKSCTL_CONFIG_MISSING, E_SPEC_INVALID, E_SPEC_SECRET, E_GIT_…
   */
  async read(object: EksctlCluster, at: SourceRevision, signal: AbortSignal): Promise<ClusterConfig> {
    const { configPath } = object.spec
    const { commit, revision, source } = at
    const mirror = await this.#mirror(source.spec.url)
    if ((await mirror.commit(commit)) === undefined) {
      const readSecret = (at: string, name: string) =>
        this.#client.find({ group: '', version: 'v1', kind: 'Secret', namespace: at, name }, { signal })
      const remote = await remoteOf({ readSecret, clock: systemClock }, source, signal)
      await mirror.fetch(remote, commit, { signal, timeoutMs: 60_000 })
    }
    const bytes = await mirror.tree(commit).read(configPath)
    const file = `${configPath} at ${revision}`
    if (bytes === undefined) throw new SluiceError('E_EKSCTL_CONFIG_MISSING', { object: file })
    if (bytes.length > maxBytes) {
      throw new SluiceError('E_EKSCTL_CONFIG_MISSING', {
        object: file,
        expected: 'at most 1 MiB',
        seen: `${bytes.length} bytes`,
      })
    }
    const { found, problems } = readClusterConfig({ path: configPath, text: bytes.toString('utf8') })
    if (problems.length > 0 || found === undefined) throw specError(problems)
    return found.config
  }

  async close(): Promise<void> {
    for (const mirror of this.#mirrors.values()) {
      await mirror.then(
        one => one.close(),
        () => undefined,
      )
    }
    this.#mirrors.clear()
  }

  #mirror(url: string): Promise<Mirror> {
    const name = createHash('sha256').update(url).digest('hex').slice(0, 16)
    let mirror = this.#mirrors.get(name)
    if (mirror === undefined) {
      const dir = join(this.#dataDir, name)
      mirror = mkdir(this.#dataDir, { recursive: true }).then(() => openMirror(dir))
      mirror.catch(() => this.#mirrors.delete(name))
      this.#mirrors.set(name, mirror)
    }
    return mirror
  }
}
