import { z } from 'zod'
import { allows, everything } from '../../access/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { apiTokenSchema, madeApiTokenSchema, newApiTokenSchema } from '../contract/users.ts'
import { defineRoute } from '../http/route.ts'
import { requirePerson } from '../require-person.ts'

const listTokens = defineRoute({
  method: 'get',
  path: '/api/v1/tokens',
  tag: 'tokens',
  summary: 'Your API tokens; with `all=true`, for administrators, those of everybody',
  needs: 'signed-in',
  query: z.object({ all: z.enum(['true', 'false']).optional() }),
  answer: z.object({ tokens: z.array(apiTokenSchema) }),
  async handle({ context, who, query }) {
    const all = query.all === 'true'
    if (all && !allows(who.grants, 'administrator', everything)) {
      throw new SluiceError('E_FORBIDDEN', {
        object: 'API tokens of others',
        expected: 'the role administrator of everything',
      })
    }
    const found = await context.access.tokens.list(all ? undefined : who.person.id)
    // A program sees itself, and not what else its owner has.
    const tokens = all || who.token === undefined ? found : found.filter(one => one.id === who.token)
    return { tokens: tokens.map(token => ({ ...token, grants: [...token.grants] })) }
  },
})

const createToken = defineRoute({
  method: 'post',
  path: '/api/v1/tokens',
  tag: 'tokens',
  summary: 'Make an API token; its text is in this answer and nowhere else',
  needs: 'signed-in',
  body: newApiTokenSchema,
  answer: madeApiTokenSchema,
  status: 201,
  audit: { action: 'token.create', object: ({ body }) => `API token ${body.name}` },
  async handle({ context, who, body, note }) {
    // A token that makes tokens would outlive its own end.
    requirePerson(who, `API token ${body.name}`)
    const { token, view } = await context.access.tokens.create(who, body)
    note({ detail: { id: view.id, grants: view.grants, endsAt: view.endsAt } })
    return { token: token.reveal(), view: { ...view, grants: [...view.grants] } }
  },
})

const removeToken = defineRoute({
  method: 'delete',
  path: '/api/v1/tokens/{id}',
  tag: 'tokens',
  summary: 'Remove an API token of yours; administrators remove any',
  needs: 'signed-in',
  params: z.object({ id: z.string().max(100) }),
  audit: { action: 'token.remove', object: ({ params }) => `API token ${params.id}` },
  async handle({ context, who, params, note }) {
    const any = allows(who.grants, 'administrator', everything)
    if (!any && params.id !== who.token) requirePerson(who, `API token ${params.id}`)
    const removed = await context.access.tokens.remove(params.id, any ? undefined : who.person.id)
    note({ object: `API token ${removed.name}`, detail: { id: removed.id, owner: removed.userId } })
    context.live.control({ kind: 'recheck', user: removed.userId })
    return undefined
  },
})

export const tokenRoutes = [listTokens, createToken, removeToken]
