import type { BackoffOptions } from '../../base/backoff.ts'
import type { CommitRequest } from '../../git/index.ts'
import type { ChangeRequest } from '../change-request.ts'
import type { Forge } from '../types.ts'

/** How a change comes to its branch: `auto` opens a pull or merge request where the branch takes no pushes. */
export type ReviewMode = 'auto' | 'always' | 'never'

/** What people read about a change that is reviewed. */
export interface ChangeText {
  /** What changes, one line of Markdown each; the files are listed besides. */
  readonly what: readonly string[]
  /** Why it is made: one sentence. */
  readonly why: string
  /** What happens once it is merged: one sentence. */
  readonly after: string
}

/** One change, and how it may reach its branch. */
export interface Change extends Omit<CommitRequest, 'base' | 'maxTries'> {
  readonly forge: Forge
  readonly owner: string
  readonly repository: string
  readonly mode: ReviewMode
  /**
   * The same words for the same change: `scale prod md-0=5`. The branch of the request is named by it, so that a command
   * that runs again finds what it made before.
   */
  readonly key: string
  /** Called when a request is written, after `edit` has run. */
  readonly describe: () => ChangeText
  /** How long to wait for the merge, in milliseconds; a day when absent. */
  readonly reviewTimeoutMs?: number | undefined
  /** How often the host is asked whether the request was merged. */
  readonly poll?: BackoffOptions
  /** Told of what happens to the request, for live output. */
  readonly onReview?: ((event: ReviewEvent) => void) | undefined
}

/** What happens to the request of a change. */
export type ReviewEvent =
  /** `found`: an earlier run opened it. `why`: what the host says against a push, or that a request was asked for. */
  | { readonly type: 'request-open'; readonly request: ChangeRequest; readonly found: boolean; readonly why: string }
  /** It no longer fitted the base, or what is asked for: the change was made anew. */
  | { readonly type: 'request-rebased'; readonly request: ChangeRequest; readonly commit: string }
  /** Somebody else pushed to its branch. */
  | { readonly type: 'request-changed'; readonly request: ChangeRequest }
  /** The host could not be asked; it is asked again. Told once for each stretch of failures. */
  | { readonly type: 'host-away'; readonly request: ChangeRequest; readonly why: string }
  /** It answers again. */
  | { readonly type: 'host-back'; readonly request: ChangeRequest }
  | { readonly type: 'request-merged'; readonly request: ChangeRequest; readonly commit: string }
  /** Its branch could not be removed, which harms nothing. */
  | { readonly type: 'branch-left'; readonly branch: string; readonly why: string }

/** What became of a change. */
export interface ChangeResult {
  /** The branch's commit that has the change; undefined when the repository is empty and there was nothing to write. */
  readonly commit: string | undefined
  /** False when the branch had the content already. */
  readonly pushed: boolean
  /** The paths that the change is about, sorted. */
  readonly paths: readonly string[]
  /** The request that it came by; undefined for a push. */
  readonly request: ChangeRequest | undefined
}
