import type { ReviewEvent } from '../../forges/changes/index.ts'
import { redact } from '../../secrets/secret.ts'
import type { JobStep } from './jobs.ts'

type OfRequest = Extract<ReviewEvent, { readonly request: unknown }>

const words = {
  'request-open': 'waits to be merged',
  'request-rebased': 'was made anew on the branch, and waits to be merged',
  'request-changed': 'was changed by somebody, and waits to be merged',
  'request-merged': 'merged',
} as const

/** What the step that commits says of its request: how far it is, and where it can be reviewed. */
export function reviewStep({ type, request }: OfRequest): Pick<JobStep, 'detail' | 'link'> {
  const number = request.id === '' ? '' : `#${request.id} `
  const title = redact(`${number}${request.title}`.slice(0, 300))
  return { detail: words[type as keyof typeof words], link: { url: redact(request.url), title } }
}
