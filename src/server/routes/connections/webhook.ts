import { z } from 'zod'
import { randomToken } from '../../../access/random.ts'
import { SluiceError } from '../../../base/errors/index.ts'
import { Secret } from '../../../secrets/secret.ts'
import { madeWebhookSchema } from '../../contract/connections.ts'
import { defineRoute } from '../../http/route.ts'
import { administrator } from './needs.ts'
import { provesItself } from './webhook-proof.ts'

const params = z.object({ id: z.string().max(100) })
const placeOf = (id: string) => `connection/${id}/webhook`
/** A push tells of at most 25 MB (GitHub); nothing of it is read but its signature. */
const maxBodyBytes = 1024 * 1024

export const makeWebhook = defineRoute({
  method: 'post',
  path: '/api/v1/connections/{id}/webhook',
  tag: 'connections',
  summary: 'Make the secret of a webhook of the Git host; it is in this answer and nowhere else',
  description: 'The host calls `path` for each push. A new secret takes the place of the one before.',
  needs: administrator,
  params,
  answer: madeWebhookSchema,
  status: 201,
  audit: { action: 'connection.webhook', object: ({ params }) => `connection ${params.id}` },
  async handle({ context, params, note }) {
    const { name } = await context.connections.get(params.id)
    const secret = Secret.of(randomToken())
    await context.store.transaction(db => context.secrets.put(db, placeOf(params.id), secret))
    note({ object: `connection ${name}` })
    return { path: `/api/v1/hooks/${params.id}`, secret: secret.reveal() }
  },
})

/** Tells the server of a push. What it says is not believed: the repository is fetched, as it would be a moment later. */
export const callWebhook = defineRoute({
  method: 'post',
  path: '/api/v1/hooks/{id}',
  tag: 'connections',
  summary: 'Called by a Git host for each push',
  description:
    'Proven by `x-hub-signature-256` (GitHub, Bitbucket), `x-gitea-signature` or `x-gitlab-token`, before anything of the body is ' +
    'read. The answer is the same for every push of a host that proves itself, and the same for every other call.',
  needs: { public: 'the signature of the body is the proof' },
  params,
  rawBody: true,
  maxBodyBytes,
  status: 202,
  audit: { none: 'it fetches what is fetched anyway' },
  async handle({ context, params, http }) {
    const { secrets, store, repository } = context
    const place = placeOf(params.id)
    const secret = (await secrets.has(store.db, place)) ? await secrets.open(store.db, place) : undefined
    const body: Buffer = http.get('raw')
    // Whether there is such a webhook is told to nobody who cannot prove to be it.
    if (secret === undefined || !provesItself(name => http.req.header(name), body, secret))
      throw new SluiceError('E_FORBIDDEN', { object: 'webhook', expected: 'a signature with its secret' })
    repository.notify()
    return http.body(null, 202)
  },
})
