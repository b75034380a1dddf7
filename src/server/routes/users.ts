import { z } from 'zod'
import { everything } from '../../access/index.ts'
import { Secret } from '../../secrets/secret.ts'
import { grantWishesSchema, newUserSchema, passwordSchema, userSchema } from '../contract/users.ts'
import { defineRoute } from '../http/route.ts'

const needs = { role: 'administrator', scope: everything } as const
const params = z.object({ id: z.string().max(100) })
const object = (input: { params: { id: string } }) => `user ${input.params.id}`

const listUsers = defineRoute({
  method: 'get',
  path: '/api/v1/users',
  tag: 'users',
  summary: 'Users and their roles',
  needs,
  answer: z.object({ users: z.array(userSchema) }),
  handle: async ({ context }) => ({ users: (await context.access.users.list()).map(mutable) }),
})

const createUser = defineRoute({
  method: 'post',
  path: '/api/v1/users',
  tag: 'users',
  summary: 'Create a user with a password and roles',
  needs,
  body: newUserSchema,
  answer: userSchema,
  status: 201,
  audit: { action: 'user.create', object: ({ body }) => `user ${body.name}` },
  async handle({ context, body, note }) {
    const { name, displayName, password, grants } = body
    const user = await context.access.users.create({
      name,
      grants,
      password: Secret.of(password),
      ...(displayName === undefined ? {} : { displayName }),
    })
    note({ detail: { id: user.id, grants } })
    context.live.publish({ topic: 'users' })
    return mutable(user)
  },
})

const setGrants = defineRoute({
  method: 'put',
  path: '/api/v1/users/{id}/grants',
  tag: 'users',
  summary: 'Set the roles of a user',
  needs,
  params,
  body: z.object({ grants: grantWishesSchema }),
  answer: userSchema,
  audit: { action: 'user.grants', object },
  async handle({ context, params, body, note }) {
    const { users } = context.access
    const before = await users.get(params.id)
    const user = await users.setGrants(params.id, body.grants)
    note({ object: `user ${user.name}`, detail: { before: before.grants, after: user.grants } })
    changed(context, params.id)
    return mutable(user)
  },
})

const setDisabled = defineRoute({
  method: 'put',
  path: '/api/v1/users/{id}/disabled',
  tag: 'users',
  summary: 'Disable a user, or enable one again; sessions of a disabled user end',
  needs,
  params,
  body: z.object({ disabled: z.boolean() }),
  answer: userSchema,
  audit: { action: 'user.disable', object },
  async handle({ context, params, body, note }) {
    const user = await context.access.users.setDisabled(params.id, body.disabled)
    note({ object: `user ${user.name}`, detail: { disabled: body.disabled } })
    changed(context, params.id)
    return mutable(user)
  },
})

const setPassword = defineRoute({
  method: 'put',
  path: '/api/v1/users/{id}/password',
  tag: 'users',
  summary: 'Set a new password for a user; all sessions of the user end',
  needs,
  params,
  body: z.object({ password: passwordSchema }),
  audit: { action: 'user.password', object },
  async handle({ context, params, body, note }) {
    const user = await context.access.users.get(params.id)
    note({ object: `user ${user.name}` })
    await context.access.users.setPassword(params.id, Secret.of(body.password))
    changed(context, params.id)
    return undefined
  },
})

const signOutUser = defineRoute({
  method: 'delete',
  path: '/api/v1/users/{id}/sessions',
  tag: 'users',
  summary: 'Sign a user out everywhere',
  needs,
  params,
  audit: { action: 'user.sign-out', object },
  async handle({ context, params, note }) {
    const user = await context.access.users.get(params.id)
    note({ object: `user ${user.name}`, detail: { ended: await context.access.sessions.endAll(params.id) } })
    changed(context, params.id)
    return undefined
  },
})

/** Tabs of the user are asked for their rights again, on every server. */
function changed(context: Parameters<typeof listUsers.handle>[0]['context'], user: string): void {
  context.live.control({ kind: 'recheck', user })
  context.live.publish({ topic: 'users' })
}

function mutable<T extends { grants: readonly unknown[]; grantsFromGroups: readonly unknown[] }>(user: T) {
  return { ...user, grants: [...user.grants], grantsFromGroups: [...user.grantsFromGroups] } as T & {
    grants: T['grants'][number][]
    grantsFromGroups: T['grants'][number][]
  }
}

export const userRoutes = [listUsers, createUser, setGrants, setDisabled, setPassword, signOutUser]
