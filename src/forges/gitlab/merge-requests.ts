import { isObject } from '../../base/json.ts'
import { type RequestDialect, textIn } from '../change-request.ts'

/** Merge requests of GitLab, by its "Merge requests API". */
export const gitLabMergeRequests: RequestDialect = {
  noun: 'merge request',
  maxBody: 60_000,
  list: ({ head, base }) =>
    `/merge_requests?state=all&order_by=created_at&sort=desc&per_page=50&source_branch=${encodeURIComponent(head)}&target_branch=${encodeURIComponent(base)}`,
  rows: body => (Array.isArray(body) ? body.filter(isObject) : []),
  one: id => `/merge_requests/${encodeURIComponent(id)}`,
  create: ({ head, base, title, body }) => ({
    path: '/merge_requests',
    body: { source_branch: head, target_branch: base, title, description: body, remove_source_branch: true },
  }),
  exists: ({ status }, said) => status === 409 && /already exists/i.test(said),
  close: id => ({
    method: 'PUT',
    path: `/merge_requests/${encodeURIComponent(id)}`,
    body: { state_event: 'close' },
  }),
  view: found => ({
    id: String(found['iid'] ?? ''),
    url: textIn(found, 'web_url') ?? '',
    title: textIn(found, 'title') ?? '',
    head: textIn(found, 'source_branch') ?? '',
    base: textIn(found, 'target_branch') ?? '',
    // `locked` is what a merge request is for the moment in which it is being merged.
    state: found['state'] === 'merged' ? 'merged' : found['state'] === 'closed' ? 'closed' : 'open',
    headCommit: textIn(found, 'sha'),
  }),
}
