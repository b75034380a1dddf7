import type { ReviewEvent } from '../../forges/changes/index.ts'
import { redact } from '../../secrets/secret.ts'
import type { JobStep } from './jobs.ts'

const words = {
  'request-open': 'waits to be merged',
  'request-rebased': 'was made anew on the branch, and waits to be merged',
  'request-changed': 'was changed by somebody, and waits to be merged',
  'request-merged': 'merged',
  'host-back': 'waits to be merged',
} as const

/**
 * What the step that commits says of its request: how far it is, and where it can be reviewed; undefined for what is nothing to
 * say of it.
 */
export function reviewStep(event: ReviewEvent): Pick<JobStep, 'detail' | 'link'> | undefined {
  if (event.type === 'branch-left') return undefined
  const { request } = event
  const number = request.id === '' ? '' : `#${request.id} `
  const title = redact(`${number}${request.title}`.slice(0, 300))
  const detail =
    event.type === 'host-away' ? `waits, and tries again: ${redact(event.why).slice(0, 500)}` : words[event.type]
  return { detail, link: { url: redact(request.url), title } }
}
