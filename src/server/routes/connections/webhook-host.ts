import { z } from 'zod'
import { SluiceError } from '../../../base/errors/index.ts'
import { type Connection, openConnection } from '../../../connections/index.ts'
import { repositoryOn } from '../../../fleet/repository-remote.ts'
import { type Forge, forgeCapabilities } from '../../../forges/index.ts'
import { putWebhook } from '../../../store/tables/connection-webhooks.ts'
import type { ServerContext } from '../../context.ts'
import { webhookPlanSchema, webhookSchema } from '../../contract/connections.ts'
import { defineRoute } from '../../http/route.ts'
import { administrator } from './needs.ts'
import { followedUrl, webhookAddress } from './webhook-place.ts'
import { hasSecret, newSecret, secretOf } from './webhook-secret.ts'
import { webhookView } from './webhook-view.ts'
import { pushEvents } from './webhook-words.ts'

const params = z.object({ id: z.string().max(100) })
const path = '/api/v1/connections/{id}/webhook/registration'
/** The page waits: the host gets so long for everything. */
const hostMs = 20_000

export const planWebhook = defineRoute({
  method: 'get',
  path,
  tag: 'connections',
  summary: 'What adding the webhook at the host would do, as the host says now',
  needs: administrator,
  params,
  answer: webhookPlanSchema,
  async handle({ context, params }) {
    const connection = await context.connections.get(params.id)
    return atHost(context, connection, async ({ forge, owner, name, address, signal }) => ({
      repository: `${owner}/${name}`,
      address,
      events: pushEvents[connection.kind],
      present: (await ours(forge, owner, name, address, signal)).length,
      makesSecret: !(await hasSecret(context, params.id)),
    }))
  },
})

export const registerWebhook = defineRoute({
  method: 'put',
  path,
  tag: 'connections',
  summary: 'Add the webhook to the repository at the host, in the place of one with the same address',
  description: 'With the secret that there is, or a new one, which goes to the host alone.',
  needs: administrator,
  params,
  answer: webhookSchema,
  audit: { action: 'connection.webhook.add', object: ({ params }) => `connection ${params.id}` },
  async handle({ context, who, params, note }) {
    const connection = await context.connections.get(params.id)
    note({ object: `connection ${connection.name}` })
    await atHost(context, connection, async ({ forge, owner, name, address, signal }) => {
      const repository = `${owner}/${name}`
      note({ detail: { repository, address } })
      const before = await ours(forge, owner, name, address, signal)
      const by = who.person.name
      const secret = (await secretOf(context, params.id)) ?? (await newSecret(context, params.id, by))
      // Hosts take no second one with the same address, and none tells whether it has the secret.
      for (const { id } of before) await forge.removeWebhook(owner, name, id, signal)
      const none = { registered_at: null, registered_by: null, registered_in: null }
      await putWebhook(context.store.db, params.id, none)
      await forge.addWebhook(owner, name, { url: address, secret }, signal)
      const at = context.clock.now().toISOString()
      await putWebhook(context.store.db, params.id, {
        registered_at: at,
        registered_by: by,
        registered_in: repository,
      })
    })
    context.live.publish({ topic: 'connections' })
    return webhookView(context, connection)
  },
})

export const unregisterWebhook = defineRoute({
  method: 'delete',
  path,
  tag: 'connections',
  summary: 'Remove the webhook from the repository at the host; the secret stays',
  needs: administrator,
  params,
  answer: webhookSchema,
  audit: { action: 'connection.webhook.remove', object: ({ params }) => `connection ${params.id}` },
  async handle({ context, params, note }) {
    const connection = await context.connections.get(params.id)
    note({ object: `connection ${connection.name}` })
    await atHost(context, connection, async ({ forge, owner, name, address, signal }) => {
      const found = await ours(forge, owner, name, address, signal)
      for (const { id } of found) await forge.removeWebhook(owner, name, id, signal)
      note({ detail: { repository: `${owner}/${name}`, removed: found.length } })
      const none = { registered_at: null, registered_by: null, registered_in: null }
      await putWebhook(context.store.db, params.id, none)
    })
    context.live.publish({ topic: 'connections' })
    return webhookView(context, connection)
  },
})

interface AtHost {
  readonly forge: Forge
  readonly owner: string
  readonly name: string
  readonly address: string
  readonly signal: AbortSignal
}

async function atHost<T>(context: ServerContext, connection: Connection, work: (at: AtHost) => Promise<T>): Promise<T> {
  const { clock, logger } = context
  if (!forgeCapabilities[connection.kind].webhooks) {
    throw new SluiceError('E_FORGE_NOT_SUPPORTED', {
      object: `connection ${connection.name}`,
      expected: 'to add a webhook',
      seen: 'nothing in the API of its host for that',
      next: 'Add it by hand, as the page of the connection says.',
    })
  }
  const credential = await context.connections.credential(connection.id)
  const forge = openConnection(connection, credential, { clock, logger, maxWaitMs: 5000 })
  try {
    const url = followedUrl(context, connection)
    const { owner, repository } = connection.settings
    const names = url === undefined ? { owner, name: repository } : repositoryOn(forge, url)
    if (forge.tokenProblem) throw forge.tokenProblem
    return await work({
      forge,
      owner: names.owner,
      name: names.name,
      address: webhookAddress(context, connection.id),
      signal: AbortSignal.any([context.signal, AbortSignal.timeout(hostMs)]),
    })
  } finally {
    await forge.close()
  }
}

/** The webhooks of the repository that lead here. */
async function ours(forge: Forge, owner: string, name: string, address: string, signal: AbortSignal) {
  return (await forge.webhooks(owner, name, signal)).filter(one => one.url === address)
}
