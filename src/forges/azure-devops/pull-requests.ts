import { part, type RequestDialect, textIn } from '../change-request.ts'
import { valuesOf } from './read.ts'

const version = 'api-version=7.1'

/** Pull requests of Azure DevOps, by its REST reference 7.1; a description has at most 4000 characters there. */
export function azurePullRequests(web: string): RequestDialect {
  return {
    noun: 'pull request',
    maxBody: 4000,
    list: ({ head, base }) => {
      const by = (name: string, value: string) => `searchCriteria.${name}=${encodeURIComponent(value)}`
      const branches = [by('sourceRefName', `refs/heads/${head}`), by('targetRefName', `refs/heads/${base}`)]
      return `/pullrequests?${branches.join('&')}&searchCriteria.status=all&$top=50&${version}`
    },
    rows: body => [...valuesOf(body)].sort((a, b) => Number(b['pullRequestId']) - Number(a['pullRequestId'])),
    one: id => `/pullrequests/${encodeURIComponent(id)}?${version}`,
    create: ({ head, base, title, body }) => ({
      path: `/pullrequests?${version}`,
      body: { sourceRefName: `refs/heads/${head}`, targetRefName: `refs/heads/${base}`, title, description: body },
    }),
    // TF401179: An active pull request for the source and target branch already exists.
    exists: ({ status }, said) => status === 409 && /TF401179|already exists/i.test(said),
    close: id => ({
      method: 'PATCH',
      path: `/pullrequests/${encodeURIComponent(id)}?${version}`,
      body: { status: 'abandoned' },
    }),
    view: (found, owner, name) => {
      const id = String(found['pullRequestId'] ?? '')
      return {
        id,
        // The answer has the address in the API only.
        url: `${web}/${encodeURIComponent(owner)}/_git/${encodeURIComponent(name)}/pullrequest/${id}`,
        title: textIn(found, 'title') ?? '',
        head: (textIn(found, 'sourceRefName') ?? '').replace(/^refs\/heads\//, ''),
        base: (textIn(found, 'targetRefName') ?? '').replace(/^refs\/heads\//, ''),
        state: found['status'] === 'completed' ? 'merged' : found['status'] === 'abandoned' ? 'closed' : 'open',
        headCommit: textIn(part(found, 'lastMergeSourceCommit'), 'commitId'),
      }
    },
  }
}
