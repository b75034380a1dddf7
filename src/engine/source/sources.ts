import type { FileTree } from '../../base/file-tree.ts'
import type { KubeObject, ObjectMeta } from '../../kube/object.ts'
import type { Artifact } from './artifact.ts'

/** The kinds of source.toolkit.fluxcd.io that this engine serves. */
export type SourceKindName =
  | 'GitRepository'
  | 'OCIRepository'
  | 'Bucket'
  | 'HelmRepository'
  | 'HelmChart'
  | 'ExternalArtifact'

/** What consumers see of a source of any kind. */
export interface SourceObject extends KubeObject {
  metadata: ObjectMeta
  status?: {
    artifact?: Artifact | undefined
    conditions?: readonly unknown[] | undefined
    observedGeneration?: number | undefined
    [key: string]: unknown
  }
}

/** A stored artifact: one file, whose digest was checked when it was stored. */
export interface ArtifactFile {
  /** Where the file is on this machine: a `.tgz` of a chart, a `.tar.gz` of a tree, an index. Read only. */
  readonly path: string
  /** `sha256:<hex>` of the file; the same as `status.artifact.digest` where that is the digest of a file. */
  readonly digest: string
  /** Bytes. */
  readonly size: number
  /** `status.artifact.revision`: for a HelmChart the version of the chart. */
  readonly revision: string
}

/**
 * The sources of a cluster, for those who build from them (Kustomization, HelmRelease). Never rejects for a source that is
 * missing, of a kind that the cluster does not serve, or that has no artifact: the answer is undefined then. An archive that
 * must not be unpacked rejects with an ArchiveError.
 */
export interface Sources {
  /** Whether this engine follows a kind: not ExternalArtifact while its feature gate is off. */
  serves(kind: SourceKindName): boolean
  /** A source as it is now, our own last write included. */
  find(kind: SourceKindName, namespace: string, name: string): SourceObject | undefined
  /** All sources of a kind; of every kind when absent. */
  list(kind?: SourceKindName): readonly SourceObject[]
  /**
   * The files of the artifact that `status.artifact` names. Undefined when it is not on this machine (a lost disk, an
   * artifact of another engine): call {@link refetch} and wait for the next artifact.
   */
  tree(source: SourceObject): Promise<FileTree | undefined>
  /** The artifact as one file: the way to read a chart. Of a Git tree an archive is made when there is none. */
  file(source: SourceObject): Promise<ArtifactFile | undefined>
  /** Asks for a fetch of a source whose content was lost; its consumers hear of it even if nothing is new. */
  refetch(source: SourceObject): void
  /** Reconciles a source now, before anything else that waits: for webhooks. */
  reconcileNow(kind: SourceKindName, namespace: string, name: string): void
  /** Calls back when a source has an artifact with another revision or digest than before. Returns what ends it. */
  onArtifact(listener: (source: SourceObject) => void): () => void
}
