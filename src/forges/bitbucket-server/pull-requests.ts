import { isObject } from '../../base/json.ts'
import { valuesOf } from '../bitbucket/read.ts'
import { part, type RequestDialect, textIn } from '../change-request.ts'

/** Pull requests of Bitbucket Data Center, by its REST reference. To close one is to decline it, at the version that was seen. */
export const bitbucketServerPullRequests: RequestDialect = {
  noun: 'pull request',
  maxBody: 30_000,
  list: ({ head }) =>
    `/pull-requests?state=ALL&order=NEWEST&direction=OUTGOING&limit=50&at=${encodeURIComponent(`refs/heads/${head}`)}`,
  rows: valuesOf,
  one: id => `/pull-requests/${encodeURIComponent(id)}`,
  create: ({ head, base, title, body }, owner, name) => {
    const key = owner.startsWith('~') ? owner : owner.toUpperCase()
    const side = (branch: string) => ({ id: `refs/heads/${branch}`, repository: { slug: name, project: { key } } })
    return { path: '/pull-requests', body: { title, description: body, fromRef: side(head), toRef: side(base) } }
  },
  exists: ({ status, body }) =>
    status === 409 &&
    isObject(body) &&
    Array.isArray(body['errors']) &&
    body['errors'].some(error => /DuplicatePullRequest/.test(String(part(error)['exceptionName']))),
  close: (id, found) => ({
    method: 'POST',
    path: `/pull-requests/${encodeURIComponent(id)}/decline?version=${Number(found['version'] ?? 0)}`,
    body: undefined,
  }),
  view: found => {
    const links = part(found, 'links')['self']
    const from = part(found, 'fromRef')
    return {
      id: String(found['id'] ?? ''),
      url: textIn(part(Array.isArray(links) ? links[0] : undefined), 'href') ?? '',
      title: textIn(found, 'title') ?? '',
      head: shortName(from['id']),
      base: shortName(part(found, 'toRef')['id']),
      state: found['state'] === 'MERGED' ? 'merged' : found['state'] === 'OPEN' ? 'open' : 'closed',
      headCommit: textIn(from, 'latestCommit'),
    }
  },
}

function shortName(ref: unknown): string {
  return String(ref ?? '').replace(/^refs\/heads\//, '')
}
