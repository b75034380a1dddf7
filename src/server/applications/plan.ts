import type { Scope } from '../../access/index.ts'
import type { RepositoryPointer } from '../../apps/index.ts'
import type { FileChange } from '../../git/index.ts'
import type { NewRepository } from './new-repository.ts'
import type { OwnKey } from './own-key.ts'

/** What a change would do to the repository, and what people read about it. */
export interface Plan {
  readonly files: readonly FileChange[]
  /** Every place that it reaches: rights and the gate are asked for each. */
  readonly scopes: readonly Scope[]
  readonly project: string
  /** The application; '' for changes that are about none. */
  readonly app: string
  /** Environments to follow it in, in their order. */
  readonly environments: readonly string[]
  /** First line of the commit. */
  readonly subject: string
  /** Why it is made, for a request: one sentence. */
  readonly why: string
  /** The same words for the same change. */
  readonly key: string
  /** What must be as it was when the change was looked at. */
  readonly watched: readonly string[]
  /** Paths of sealed values that it sets, by environment. */
  readonly secrets: ReadonlyMap<string, readonly (readonly string[])[]>
  /** An environment that wants requests. */
  readonly reviewBy: string | undefined
  /** Of an application with a repository of its own: its files go there, the others into the fleet's. */
  readonly own?: OwnPart
}

/** What a plan does beside the commit of the application's own repository. */
export interface OwnPart {
  /** Which commit is made first: the cluster is never pointed to what is not there. */
  readonly first: 'own' | 'fleet'
  /** What people should know of the repository. */
  readonly notes: readonly string[]
  /** The repository has to be made. */
  readonly make?: NewRepository
  /** The file that names the repository is written, with the id that the host tells once it is made. */
  readonly pointer?: Omit<RepositoryPointer, 'id'>
  /** The repository was made for something else. */
  readonly adopts?: boolean
  /** The deploy key that the cluster gets for the repository, or that is taken away. */
  readonly key?: OwnKey & { readonly action: 'give' | 'take' }
}
