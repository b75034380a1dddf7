import type { Clock } from '../../base/clock.ts'
import type { LookAgain } from '../../kube/watch/index.ts'

/** How long a commit may stay unfetched before the branch is asked whether it still has it, in milliseconds. */
const lostAfterMs = 15_000

export interface LostOptions {
  /** The revision that the source has now. */
  readonly revision: () => unknown
  /** Whether it is the commit that is waited for. */
  readonly isThere: (revision: unknown) => boolean
  /** Asks whether the branch has lost the commit; without it nothing is asked. */
  readonly isLost: (() => Promise<boolean>) | undefined
  readonly problem: () => Error
  readonly clock: Clock
}

/**
 * A forced push may take a commit off its branch: then waiting for it would not end. The branch is asked when the source
 * comes to something else, and from time to time while it does not move. `failed` rejects with the problem.
 */
export function watchLost(options: LostOptions): { look(again?: LookAgain): void; readonly failed: Promise<never> } {
  const { clock, isLost } = options
  let asked = options.revision()
  let askedAt = clock.monotonic()
  let isAsking = false
  let reject: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_, no) => {
    reject = no
  })
  failed.catch(() => {})
  const look = (again?: LookAgain): void => {
    const now = options.revision()
    if (!isLost || isAsking || options.isThere(now)) return
    const wait = askedAt + lostAfterMs - clock.monotonic()
    if (now === asked && wait > 0) return again?.(wait + 50)
    asked = now
    askedAt = clock.monotonic()
    isAsking = true
    // Who cannot be asked leaves the wait as it was.
    const known = isLost().catch(() => false)
    void known.then(lost => {
      isAsking = false
      if (lost) reject(options.problem())
    })
    again?.(lostAfterMs + 50)
  }
  return { look, failed }
}
