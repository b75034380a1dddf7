import { isObject, valueAt } from '../../../base/json.ts'
import type { Secret } from '../../../secrets/secret.ts'
import type { FluxEvent } from '../event.ts'
import { githubApi } from './commit-status.ts'
import { repositoryOf } from './git-address.ts'
import { bearer, derived, markdownOf, tokenOf } from './parts.ts'
import { type Deliver, DeliveryFailure, type ProviderConfig, type Send } from './types.ts'

/** One Git host's way to comments on a pull or merge request. */
interface CommentApi {
  readonly headers: Readonly<Record<string, Secret>>
  /** Who we are. */
  readonly user: { readonly url: string; readonly path: readonly string[] }
  /** The first hundred comments, and where a new one is posted. */
  readonly comments: string
  readonly query: string
  readonly author: readonly string[]
  /** Where one comment is changed. */
  readonly comment: (id: string) => string
  readonly change: 'PATCH' | 'PUT'
  readonly marker: string
}

/** One comment per object and request, changed in place: a hidden mark in it says whose it is. */
async function writeComment(event: FluxEvent, provider: ProviderConfig, send: Send, api: CommentApi): Promise<void> {
  if (provider.uid === '') throw new DeliveryFailure('provider UID cannot be empty')
  const { headers } = api
  const { kind, namespace, name } = event.involvedObject
  const mark = `<!-- ${api.marker}:${provider.uid}/${kind}/${namespace}/${name} -->`
  const body = { body: `${mark}\n\n${markdownOf(event)}` }
  const me = valueAt((await send({ method: 'GET', url: api.user.url, headers })).body, api.user.path)
  if (typeof me !== 'string' || me === '') throw new DeliveryFailure('failed to get authenticated user info')
  const list = (await send({ method: 'GET', url: api.comments + api.query, headers })).body
  const mine = (Array.isArray(list) ? list : []).find(
    item => isObject(item) && valueAt(item, api.author) === me && String(item['body'] ?? '').includes(mark),
  )
  const id = isObject(mine) ? mine['id'] : undefined
  if (typeof id === 'number' || typeof id === 'string') {
    await send({ method: api.change, url: api.comment(encodeURIComponent(String(id))), headers, body })
  } else await send({ url: api.comments, headers, body })
}

function numberOf(event: FluxEvent): string {
  const text = event.metadata?.['change_request']
  if (text === undefined) throw new DeliveryFailure('missing "change_request" metadata key')
  if (/^[0-9]{1,12}$/.test(text)) return text
  throw new DeliveryFailure(`invalid "change_request" metadata value ${JSON.stringify(text.slice(0, 50))}`)
}

export const githubPullRequestComment: Deliver = async (event, provider, send) => {
  const headers = bearer(tokenOf(provider, 'github token'))
  const { host, path } = repositoryOf(provider, 2)
  const api = githubApi(host)
  await writeComment(event, provider, send, {
    headers,
    user: { url: `${api}/user`, path: ['login'] },
    comments: `${api}/repos/${path}/issues/${numberOf(event)}/comments`,
    query: '?per_page=100&sort=created&direction=asc',
    author: ['user', 'login'],
    comment: id => `${api}/repos/${path}/issues/comments/${id}`,
    change: 'PATCH',
    marker: 'flux-pr-comment-key',
  })
}

export const giteaPullRequestComment: Deliver = async (event, provider, send) => {
  const { host, path } = repositoryOf(provider, 2)
  const api = `${host}/api/v1`
  await writeComment(event, provider, send, {
    headers: { authorization: derived(tokenOf(provider, 'gitea token'), text => `token ${text}`) },
    user: { url: `${api}/user`, path: ['login'] },
    comments: `${api}/repos/${path}/issues/${numberOf(event)}/comments`,
    query: '?page=1&limit=100',
    author: ['user', 'login'],
    comment: id => `${api}/repos/${path}/issues/comments/${id}`,
    change: 'PATCH',
    marker: 'flux-pr-comment-key',
  })
}

export const gitlabMergeRequestComment: Deliver = async (event, provider, send) => {
  const { host, path } = repositoryOf(provider)
  const api = `${host}/api/v4`
  const notes = `${api}/projects/${encodeURIComponent(path)}/merge_requests/${numberOf(event)}/notes`
  await writeComment(event, provider, send, {
    headers: { 'private-token': tokenOf(provider, 'gitlab token') },
    user: { url: `${api}/user`, path: ['username'] },
    comments: notes,
    query: '?sort=asc&order_by=created_at&per_page=100',
    author: ['author', 'username'],
    comment: id => `${notes}/${id}`,
    change: 'PUT',
    marker: 'flux-mr-comment-key',
  })
}

/** A `repository_dispatch` event: starts workflows of GitHub Actions. */
export const githubDispatch: Deliver = async (event, provider, send) => {
  const headers = bearer(tokenOf(provider, 'github token'))
  const { host, path } = repositoryOf(provider, 2)
  const { kind, name, namespace } = event.involvedObject
  await send({
    url: `${githubApi(host)}/repos/${path}/dispatches`,
    headers,
    body: { event_type: `${kind}/${name}.${namespace}`, client_payload: event },
  })
}
