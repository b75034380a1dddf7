import { z } from 'zod'
import { SluiceError } from '../../../base/errors/index.ts'
import { canonicalJson } from '../../../base/json.ts'
import type { Connection, ConnectionCredential, ConnectionDraft, Proof } from '../../../connections/index.ts'
import type { ServerContext } from '../../context.ts'
import {
  bindingSchema,
  connectionSchema,
  type SaveWish,
  saveWishSchema,
  validationSchema,
} from '../../contract/connections.ts'
import { defineRoute } from '../../http/route.ts'
import { administrator } from './needs.ts'
import { provenPart, sealHolds } from './seal.ts'
import { sameHost, sealFor, wishOf } from './validate.ts'
import { credentialOf, viewOf } from './view.ts'

const params = z.object({ id: z.string().max(100) })

export const createConnection = defineRoute({
  method: 'post',
  path: '/api/v1/connections',
  tag: 'connections',
  summary: 'Save a connection that was proven, or one that a person insists on',
  needs: administrator,
  body: saveWishSchema,
  answer: connectionSchema,
  status: 201,
  audit: { action: 'connection.create', object: ({ body }) => `connection ${body.draft.name}` },
  async handle({ context, who, body, note }) {
    const { draft, credential } = await wishOf(context, body)
    const proof = await proofFor(context, body, draft, credential)
    const saved = await context.connections.create({ draft, credential, by: who.person.name, ...proof })
    note({
      detail: { host: draft.host, owner: draft.settings.owner, outcome: proof.proof?.outcome ?? 'not validated' },
    })
    context.live.publish({ topic: 'connections' })
    return viewOf(saved, context.clock.now())
  },
})

export const updateConnection = defineRoute({
  method: 'put',
  path: '/api/v1/connections/{id}',
  tag: 'connections',
  summary: 'Change a connection; another host needs another credential',
  needs: administrator,
  params,
  body: saveWishSchema.extend({ version: z.number().int() }),
  answer: connectionSchema,
  audit: { action: 'connection.update', object: ({ body }) => `connection ${body.draft.name}` },
  async handle({ context, who, params, body, note }) {
    const wish = await wishOf(context, { ...body, connection: params.id })
    const before = await context.connections.get(params.id)
    const keepsProof = body.credential === undefined && asksTheSame(before, wish.draft)
    const proof =
      keepsProof && body.validation === undefined
        ? ({ keepsProof } as const)
        : await proofFor(context, body, wish.draft, wish.credential)
    const saved = await context.connections.update(params.id, body.version, {
      draft: wish.draft,
      by: who.person.name,
      ...(body.credential ? { credential: credentialOf(body.credential) } : {}),
      ...proof,
    })
    note({
      detail: {
        before: { name: before.name, host: before.host, owner: before.settings.owner },
        after: { name: saved.name, host: saved.host, owner: saved.settings.owner },
        credential: body.credential ? 'replaced' : 'kept',
        outcome: 'keepsProof' in proof ? 'as before' : (proof.proof?.outcome ?? 'not validated'),
      },
    })
    context.live.publish({ topic: 'connections' })
    return viewOf(saved, context.clock.now())
  },
})

export const removeConnection = defineRoute({
  method: 'delete',
  path: '/api/v1/connections/{id}',
  tag: 'connections',
  summary: 'Remove a connection with its credential; repositories stay',
  needs: administrator,
  params,
  audit: { action: 'connection.remove', object: ({ params }) => `connection ${params.id}` },
  async handle({ context, params, note }) {
    const { name, host } = await context.connections.get(params.id)
    note({ object: `connection ${name}`, detail: { host } })
    await context.connections.remove(params.id)
    context.live.publish({ topic: 'connections' })
    return undefined
  },
})

export const setDefaultConnection = defineRoute({
  method: 'put',
  path: '/api/v1/connections/{id}/default',
  tag: 'connections',
  summary: 'Use a connection wherever no other is bound',
  needs: administrator,
  params,
  answer: connectionSchema,
  audit: { action: 'connection.default', object: ({ params }) => `connection ${params.id}` },
  async handle({ context, params, note }) {
    await context.connections.makeDefault(params.id)
    const now = await context.connections.get(params.id)
    note({ object: `connection ${now.name}` })
    context.live.publish({ topic: 'connections' })
    return viewOf(now, context.clock.now())
  },
})

export const bindConnection = defineRoute({
  method: 'put',
  path: '/api/v1/connections/{id}/bindings',
  tag: 'connections',
  summary: 'Say which projects and environments use a connection',
  needs: administrator,
  params,
  body: z.object({ bindings: z.array(bindingSchema).max(500) }),
  answer: connectionSchema,
  audit: { action: 'connection.bind', object: ({ params }) => `connection ${params.id}` },
  async handle({ context, params, body, note }) {
    await context.connections.bind(params.id, body.bindings)
    const now = await context.connections.get(params.id)
    note({ object: `connection ${now.name}`, detail: { bindings: body.bindings } })
    context.live.publish({ topic: 'connections' })
    return viewOf(now, context.clock.now())
  },
})

/** Whether a changed draft asks nothing else of the host than what is saved: then what is proven of it stays true. */
function asksTheSame(before: Connection, draft: ConnectionDraft): boolean {
  const like = { ...draft, host: before.host }
  return sameHost(before.host, draft) && canonicalJson(provenPart(before)) === canonicalJson(provenPart(like))
}

/**
 * The proof that is saved: what a job found for exactly this, or, where a person insists, the failure with a note of that.
 *
 * @throws E_CONNECTION_NOT_PROVEN
 */
async function proofFor(
  context: ServerContext,
  wish: SaveWish,
  draft: ConnectionDraft,
  credential: ConnectionCredential,
): Promise<{ readonly proof?: Proof }> {
  const proof = wish.validation === undefined ? undefined : await validated(context, wish.validation, draft, credential)
  if (proof?.outcome === 'proven') return { proof }
  if (wish.insist) return proof === undefined ? {} : { proof: { ...proof, insisted: true } }
  const failed = proof?.lines.find(line => line.status === 'fail')
  throw new SluiceError('E_CONNECTION_NOT_PROVEN', {
    object: `connection ${draft.name}`,
    seen: failed ? `${failed.title}: ${failed.detail ?? 'it failed'}` : 'no proof of exactly these settings',
  })
}

async function validated(
  context: ServerContext,
  id: string,
  draft: ConnectionDraft,
  credential: ConnectionCredential,
): Promise<Proof | undefined> {
  const job = await context.jobs.get(id).catch(() => undefined)
  const result = validationSchema.safeParse(job?.result)
  if (job?.kind !== 'connection.validate' || !result.success) return undefined
  const proof = result.data.proof as Proof
  return sealHolds(result.data.seal, await sealFor(context, draft, credential, proof)) ? proof : undefined
}
