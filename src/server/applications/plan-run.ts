import type { Principal, Scope } from '../../access/index.ts'
import type { RepositoryPointer } from '../../apps/index.ts'
import type { FileChange } from '../../git/index.ts'
import type { NewRepository } from './new-repository.ts'
import type { OwnKey } from './own-key.ts'
import type { PlanCommit } from './plan-commits.ts'

/** A plan that is being made: all that another server needs to go on with it. */
export interface PlanRun {
  readonly who: Principal
  /** The application; '' for changes that are about none. */
  readonly app: string
  readonly project: string
  readonly scopes: readonly Scope[]
  /** Environments that it changes. */
  readonly environments: readonly string[]
  /** Those of them that it is followed in. */
  readonly followed: readonly string[]
  /** The same words for the same change. */
  readonly key: string
  /** Why it is made, for a request: one sentence. */
  readonly why: string
  readonly byRequest: boolean
  /** In their order. */
  readonly commits: readonly RunCommit[]
  /** The commit that it is followed by, when it is none of these. */
  readonly standing?: string | undefined
  readonly own?: OwnRun
  /** It was begun by a server that is gone: what Git has of it was committed by it. */
  readonly again?: Progress
}

export interface RunCommit extends PlanCommit {
  readonly message: string
}

/** What concerns the repository of an application's own. */
export interface OwnRun {
  readonly title: string
  readonly url: string
  /** The host's id of it; undefined while it is not there. */
  readonly id: string | undefined
  readonly make: NewRepository | undefined
  /** The file that names it, but for the id. */
  readonly pointer: Omit<RepositoryPointer, 'id'> | undefined
  /** The deploy key that the cluster gets for it, or that is taken away. */
  readonly key?: OwnKey & { readonly action: 'give' | 'take' }
  /** It was made for something else: only administrators of everything write there. */
  readonly adopts: boolean
}

/** What of a plan was done for good: the commits by their steps, the id of the repository that was made, the fingerprint of its key. */
export type Progress = Readonly<Partial<Record<PlanCommit['step'] | 'repository' | 'key', string>>>

/** A run as JSON. It holds what the commits hold: secrets are sealed by now. */
export type PackedRun = Omit<PlanRun, 'who' | 'again' | 'commits'> & {
  readonly commits: readonly (Omit<RunCommit, 'files'> & { readonly files: readonly PackedFile[] })[]
}

interface PackedFile {
  readonly path: string
  /** Absent: the file goes. */
  readonly base64?: string
  readonly executable?: boolean
}

export function packRun({ who: _, again: __, commits, ...rest }: PlanRun): PackedRun {
  return { ...rest, commits: commits.map(one => ({ ...one, files: one.files.map(packed) })) }
}

export function unpackRun({ commits, ...rest }: PackedRun): Omit<PlanRun, 'who'> {
  return { ...rest, commits: commits.map(one => ({ ...one, files: one.files.map(unpacked) })) }
}

function packed({ path, content, executable }: FileChange): PackedFile {
  const base64 = content === undefined ? {} : { base64: Buffer.from(content).toString('base64') }
  return { path, ...base64, ...(executable === undefined ? {} : { executable }) }
}

function unpacked({ path, base64, executable }: PackedFile): FileChange {
  const content = base64 === undefined ? undefined : Buffer.from(base64, 'base64')
  return { path, content, ...(executable === undefined ? {} : { executable }) }
}
