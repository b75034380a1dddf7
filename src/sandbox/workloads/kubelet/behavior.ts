import { parseDuration } from '../../../base/duration.ts'

/** How a container behaves, which the tag of its image says. See docs/guides/failing-images.md. */
export type Behavior =
  /** Starts, becomes Ready and stays; a pod that may end (`restartPolicy` not `Always`) ends well at once. */
  | { readonly kind: 'well' }
  /** The image is never there: ErrImagePull, ImagePullBackOff. */
  | { readonly kind: 'unpullable' }
  /** Runs and never becomes Ready. */
  | { readonly kind: 'unready' }
  /** Becomes Ready (or ends well, in a pod that may end) this many milliseconds after its start. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Ends with this exit code each time it is started. */
  | { readonly kind: 'exit'; readonly code: number }

const wish = /(?:^|[-._])(?:(imagepullbackoff)|(crashloopbackoff)|(neverready)|slow-(\d+(?:ms|s|m))|exit-(\d{1,3}))$/

/**
 * What the tag of an image asks for: it ends with `imagepullbackoff`, `crashloopbackoff`, `neverready`, `slow-5s` or
 * `exit-1`, alone or after `-`, `.` or `_` (`nginx:1.29-crashloopbackoff`).
 */
export function behaviorOf(image: string): Behavior {
  const [name = ''] = image.split('@')
  const last = name.slice(name.lastIndexOf('/') + 1)
  const match = last.includes(':') ? wish.exec(last.slice(last.indexOf(':') + 1).toLowerCase()) : null
  if (match === null) return { kind: 'well' }
  const [, pull, crash, unready, slow, exit] = match
  if (pull !== undefined) return { kind: 'unpullable' }
  if (crash !== undefined) return { kind: 'exit', code: 1 }
  if (unready !== undefined) return { kind: 'unready' }
  if (slow !== undefined) return { kind: 'slow', ms: parseDuration(slow) ?? 0 }
  return { kind: 'exit', code: Math.min(255, Number(exit)) }
}
