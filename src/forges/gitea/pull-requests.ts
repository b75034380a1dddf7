import { isObject } from '../../base/json.ts'
import { part, type RequestDialect, textIn } from '../change-request.ts'
import { readPull } from '../github/pull-requests.ts'

/**
 * Pull requests of Gitea and Forgejo, by their Swagger. The list has no filter for the source branch, so that what was
 * touched last is looked through; a page has at most 50.
 */
export const giteaPullRequests: RequestDialect = {
  noun: 'pull request',
  maxBody: 60_000,
  list: () => '/pulls?state=all&sort=recentupdate&limit=50',
  rows: body =>
    (Array.isArray(body) ? body.filter(isObject) : []).sort((a, b) => Number(b['number']) - Number(a['number'])),
  one: id => `/pulls/${encodeURIComponent(id)}`,
  create: ({ head, base, title, body }) => ({ path: '/pulls', body: { title, head, base, body } }),
  exists: ({ status }, said) => (status === 409 || status === 422) && /already exists/i.test(said),
  close: id => ({ method: 'PATCH', path: `/pulls/${encodeURIComponent(id)}`, body: { state: 'closed' } }),
  view: found => {
    const request = readPull(found)
    // When the branch is gone, `ref` names the pull request itself; `label` keeps the name of the branch.
    const label = textIn(part(found, 'head'), 'label')
    return label !== undefined && /^refs\/pull\//.test(request.head) ? { ...request, head: label } : request
  },
}
