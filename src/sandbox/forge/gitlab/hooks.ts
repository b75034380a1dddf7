import { isLoopback } from '../../../git/index.ts'
import { deleteHook, type Hook, hookById, hooksOf, insertHook } from '../hooks.ts'
import { flagField, RestFailure, type Route, textField } from '../rest/answer.ts'
import { needProject, needScope } from './guard.ts'
import { paged } from './paged.ts'
import { stamp } from './views.ts'

const path = '/projects/:id/hooks'

/** Webhooks: kept beside those of the other API, and sent in its form, to this machine only. */
export const hookRoutes: readonly Route[] = [
  {
    method: 'GET',
    path,
    handle: request => {
      const { repository } = needProject(request, needScope(request, 'api', 'read_api'), 'admin')
      return paged(request, hooksOf(request.context.store, repository.id).map(view))
    },
  },
  {
    method: 'POST',
    path,
    handle: request => {
      const { repository, owner } = needProject(request, needScope(request, 'api'), 'admin')
      const { body, context } = request
      const url = textField(body, 'url') ?? ''
      const parsed = URL.canParse(url) ? new URL(url) : undefined
      if (!parsed || !/^https?:$/.test(parsed.protocol)) throw new RestFailure(422, 'Invalid url given')
      if (!isLoopback(parsed.hostname))
        throw new RestFailure(422, 'The sandbox forge sends webhooks to this machine only: use a loopback address.')
      const fields = {
        url,
        contentType: 'json',
        secret: textField(body, 'token') ?? null,
        events: (flagField(body, 'push_events') ?? true) ? ['push'] : [],
        active: true,
      } as const
      const hook = insertHook(context.store, repository.id, fields, context.clock.now())
      context.hooks.ping(hook, repository, owner.login)
      return { status: 201, body: view(hook) }
    },
  },
  {
    method: 'DELETE',
    path: `${path}/:hook`,
    handle: request => {
      const { repository } = needProject(request, needScope(request, 'api'), 'admin')
      const hook = hookById(request.context.store, repository.id, Number(request.params['hook']))
      if (!hook) throw new RestFailure(404, '404 Not found')
      deleteHook(request.context.store, hook)
      return { status: 204 }
    },
  },
]

function view(hook: Hook): Record<string, unknown> {
  return {
    id: hook.id,
    url: hook.url,
    name: null,
    description: null,
    created_at: stamp(hook.createdAt),
    push_events: hook.events.includes('push'),
    tag_push_events: false,
    merge_requests_events: false,
    repository_update_events: false,
    enable_ssl_verification: true,
    project_id: hook.repository,
    issues_events: false,
    confidential_issues_events: false,
    note_events: false,
    confidential_note_events: null,
    pipeline_events: false,
    wiki_page_events: false,
    deployment_events: false,
    job_events: false,
    releases_events: false,
    push_events_branch_filter: null,
    alert_status: 'executable',
    disabled_until: null,
  }
}
