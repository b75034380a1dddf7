import { isLoopback } from '../../../git/index.ts'
import type { Right } from '../access.ts'
import {
  deleteHook,
  deliveriesOf,
  type Hook,
  type HookFields,
  hookById,
  hooksOf,
  insertHook,
  updateHook,
} from '../hooks.ts'
import type { StoredRepository } from '../repositories.ts'
import {
  flagField,
  invalid,
  notFound,
  objectField,
  paged,
  RestFailure,
  type RestRequest,
  type Route,
  textField,
  textsField,
} from './answer.ts'
import { needRepository } from './guard.ts'
import { stamp } from './views.ts'

const read: Right = { level: 'admin', permission: 'webhooks', access: 'read' }
const write: Right = { level: 'admin', permission: 'webhooks', access: 'write' }
const path = '/repos/:owner/:repo/hooks'
const reading = {
  scopes: 'admin:repo_hook, read:repo_hook, repo, write:repo_hook',
  permissions: 'repository_hooks=read',
}
const writing = { scopes: 'admin:repo_hook, repo, write:repo_hook', permissions: 'repository_hooks=write' }

/** Webhooks. They are really sent, to this machine only. */
export const hookRoutes: readonly Route[] = [
  {
    method: 'GET',
    path,
    ...reading,
    handle: request => {
      const { repository } = needRepository(request, read)
      return paged(
        request,
        hooksOf(request.context.store, repository.id).map(hook => view(request, hook)),
      )
    },
  },
  {
    method: 'POST',
    path,
    ...writing,
    handle: request => {
      const { repository, owner } = needRepository(request, write)
      const { context } = request
      const config = configOf(request)
      if (config.url === undefined) throw invalid({ resource: 'Hook', field: 'url', code: 'missing_field' })
      const fields: HookFields = {
        url: config.url,
        contentType: config.contentType ?? 'form',
        secret: config.secret ?? null,
        events: textsField(request.body, 'events') ?? ['push'],
        active: flagField(request.body, 'active') ?? true,
      }
      const twin = hooksOf(context.store, repository.id).find(
        hook => hook.url === fields.url && JSON.stringify(hook.events) === JSON.stringify(fields.events),
      )
      if (twin) throw invalid({ resource: 'Hook', code: 'custom', message: 'Hook already exists on this repository' })
      const hook = insertHook(context.store, repository.id, fields, context.clock.now())
      if (hook.active) context.hooks.ping(hook, repository, owner.login)
      return { status: 201, body: view(request, hook) }
    },
  },
  {
    method: 'GET',
    path: `${path}/:hook`,
    ...reading,
    handle: request => ({ body: view(request, needHook(request, needRepository(request, read).repository)) }),
  },
  {
    method: 'PATCH',
    path: `${path}/:hook`,
    ...writing,
    handle: request => {
      const { context, body } = request
      const hook = needHook(request, needRepository(request, write).repository)
      const { url, contentType, secret } = configOf(request)
      const events = textsField(body, 'events')
      const active = flagField(body, 'active')
      const fields: Partial<HookFields> = {
        ...(url !== undefined && { url }),
        ...(contentType !== undefined && { contentType }),
        ...(secret !== undefined && { secret }),
        ...(events !== undefined && { events }),
        ...(active !== undefined && { active }),
      }
      return { body: view(request, updateHook(context.store, hook, fields, context.clock.now())) }
    },
  },
  {
    method: 'DELETE',
    path: `${path}/:hook`,
    ...writing,
    handle: request => {
      deleteHook(request.context.store, needHook(request, needRepository(request, write).repository))
      return { status: 204 }
    },
  },
  {
    method: 'POST',
    path: `${path}/:hook/pings`,
    ...reading,
    handle: request => {
      const { repository, owner } = needRepository(request, read)
      request.context.hooks.ping(needHook(request, repository), repository, owner.login)
      return { status: 204 }
    },
  },
  {
    method: 'GET',
    path: `${path}/:hook/deliveries`,
    ...reading,
    handle: request => {
      const hook = needHook(request, needRepository(request, read).repository)
      const shown = deliveriesOf(request.context.store, hook.id).map(delivery => ({
        id: delivery.id,
        guid: delivery.guid,
        delivered_at: stamp(delivery.deliveredAt),
        redelivery: delivery.redelivery,
        duration: delivery.duration,
        status: delivery.status,
        status_code: delivery.statusCode,
        event: delivery.event,
        action: null,
        installation_id: null,
        repository_id: hook.repository,
      }))
      return paged(request, shown)
    },
  },
]

function needHook(request: RestRequest, repository: StoredRepository): Hook {
  const found = hookById(request.context.store, repository.id, Number(request.params['hook']))
  if (!found) throw notFound()
  return found
}

function configOf(request: RestRequest): { url?: string; contentType?: 'json' | 'form'; secret?: string } {
  const config = objectField(request.body, 'config') ?? {}
  const url = textField(config, 'url')
  const type = textField(config, 'content_type')
  const secret = textField(config, 'secret')
  if (url !== undefined) {
    const parsed = URL.canParse(url) ? new URL(url) : undefined
    if (!parsed || !/^https?:$/.test(parsed.protocol))
      throw invalid({ resource: 'Hook', field: 'url', code: 'invalid' })
    if (!isLoopback(parsed.hostname)) {
      throw new RestFailure(422, 'The sandbox forge sends webhooks to this machine only: use a loopback address.')
    }
  }
  if (type !== undefined && type !== 'json' && type !== 'form')
    throw invalid({ resource: 'Hook', field: 'content_type', code: 'invalid' })
  return {
    ...(url !== undefined && { url }),
    ...(type !== undefined && { contentType: type }),
    ...(secret !== undefined && { secret }),
  }
}

function view(request: RestRequest, hook: Hook): Record<string, unknown> {
  const { owner, repo } = request.params
  const url = `${request.context.url}/api/v3/repos/${owner}/${repo}/hooks/${hook.id}`
  const last = deliveriesOf(request.context.store, hook.id)[0]
  return {
    type: 'Repository',
    id: hook.id,
    name: 'web',
    active: hook.active,
    events: hook.events,
    config: {
      content_type: hook.contentType,
      insecure_ssl: '0',
      url: hook.url,
      ...(hook.secret !== null && { secret: '********' }),
    },
    updated_at: stamp(hook.updatedAt),
    created_at: stamp(hook.createdAt),
    url,
    test_url: `${url}/test`,
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
    last_response: last
      ? { code: last.statusCode, status: last.status, message: last.status }
      : { code: null, status: 'unused', message: null },
  }
}
