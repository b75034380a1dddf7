import { z } from 'zod'
import { SluiceError } from '../../../base/errors/index.ts'
import { madeWebhookSchema, webhookSchema } from '../../contract/connections.ts'
import { defineRoute } from '../../http/route.ts'
import { administrator } from './needs.ts'
import { noteRefused, noteVerified } from './webhook-deliveries.ts'
import { webhookAddress, webhookPath } from './webhook-place.ts'
import { eventOf, judgeCall } from './webhook-proof.ts'
import { newSecret, secretOf } from './webhook-secret.ts'
import { webhookView } from './webhook-view.ts'

const params = z.object({ id: z.string().max(100) })
/** A push tells of at most 25 MB (GitHub); nothing of it is read but its signature. */
const maxBodyBytes = 1024 * 1024

export const readWebhook = defineRoute({
  method: 'get',
  path: '/api/v1/connections/{id}/webhook',
  tag: 'connections',
  summary: 'The push webhook of a connection: its address, and the last deliveries',
  needs: administrator,
  params,
  answer: webhookSchema,
  handle: async ({ context, params }) => webhookView(context, await context.connections.get(params.id)),
})

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
  async handle({ context, who, params, note }) {
    const { name } = await context.connections.get(params.id)
    const secret = await newSecret(context, params.id, who.person.name)
    note({ object: `connection ${name}` })
    context.live.publish({ topic: 'connections' })
    const [path, address] = [webhookPath(params.id), webhookAddress(context, params.id)]
    return { path, address, secret: secret.reveal() }
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
    const header = (name: string) => http.req.header(name)
    const verdict = judgeCall(header, http.get('raw'), await secretOf(context, params.id))
    if (verdict !== 'proven') {
      noteRefused(context, params.id, { event: eventOf(header), why: verdict })
      // Whether there is such a webhook is told to nobody who cannot prove to be it.
      throw new SluiceError('E_FORBIDDEN', { object: 'webhook', expected: 'a signature with its secret' })
    }
    context.repository.notify()
    await noteVerified(context, params.id, eventOf(header))
    return http.body(null, 202)
  },
})
