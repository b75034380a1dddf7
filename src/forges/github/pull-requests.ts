import { isObject } from '../../base/json.ts'
import { type ChangeRequest, part, type RequestDialect, textIn } from '../change-request.ts'

/** Pull requests of GitHub, by "REST API endpoints for pull requests". */
export const gitHubPullRequests: RequestDialect = {
  noun: 'pull request',
  maxBody: 60_000,
  // `head` filters by owner and branch; without the owner it is ignored.
  list: ({ head, base }, owner) =>
    `/pulls?state=all&sort=created&direction=desc&per_page=50&head=${encodeURIComponent(`${owner}:${head}`)}&base=${encodeURIComponent(base)}`,
  rows: body => (Array.isArray(body) ? body.filter(isObject) : []),
  one: id => `/pulls/${encodeURIComponent(id)}`,
  create: ({ head, base, title, body }) => ({ path: '/pulls', body: { title, head, base, body } }),
  exists: ({ status }, said) => status === 422 && /already exists/i.test(said),
  close: id => ({ method: 'PATCH', path: `/pulls/${encodeURIComponent(id)}`, body: { state: 'closed' } }),
  view: readPull,
}

/** A pull request in the form that GitHub gave it, and Gitea took over. */
export function readPull(found: Record<string, unknown>): ChangeRequest {
  const merged = found['merged'] === true || typeof found['merged_at'] === 'string'
  return {
    id: String(found['number'] ?? ''),
    url: textIn(found, 'html_url') ?? '',
    title: textIn(found, 'title') ?? '',
    head: textIn(part(found, 'head'), 'ref') ?? '',
    base: textIn(part(found, 'base'), 'ref') ?? '',
    state: merged ? 'merged' : found['state'] === 'open' ? 'open' : 'closed',
    headCommit: textIn(part(found, 'head'), 'sha'),
  }
}
