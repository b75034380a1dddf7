import { part, type RequestDialect, textIn } from '../change-request.ts'
import { valuesOf } from './read.ts'

/** Pull requests of Bitbucket Cloud, by its reference of the API 2.0. Without states in the query only open ones come. */
export const bitbucketPullRequests: RequestDialect = {
  noun: 'pull request',
  maxBody: 30_000,
  list: ({ head, base }) => {
    const states = ['OPEN', 'MERGED', 'DECLINED', 'SUPERSEDED'].map(state => `state=${state}`).join('&')
    const quoted = (name: string) => `"${name.replace(/["\\]/g, '\\$&')}"`
    const query = `source.branch.name=${quoted(head)} AND destination.branch.name=${quoted(base)}`
    return `/pullrequests?${states}&q=${encodeURIComponent(query)}&sort=-created_on&pagelen=50`
  },
  rows: valuesOf,
  one: id => `/pullrequests/${encodeURIComponent(id)}`,
  create: ({ head, base, title, body }) => ({
    path: '/pullrequests',
    body: {
      title,
      description: body,
      source: { branch: { name: head } },
      destination: { branch: { name: base } },
      close_source_branch: true,
    },
  }),
  // A second one for the same branches is answered with the first.
  exists: ({ status }, said) => (status === 400 || status === 409) && /already (?:exists|open)/i.test(said),
  close: id => ({ method: 'POST', path: `/pullrequests/${encodeURIComponent(id)}/decline`, body: undefined }),
  view: found => ({
    id: String(found['id'] ?? ''),
    url: textIn(part(found, 'links', 'html'), 'href') ?? '',
    title: textIn(found, 'title') ?? '',
    head: textIn(part(found, 'source', 'branch'), 'name') ?? '',
    base: textIn(part(found, 'destination', 'branch'), 'name') ?? '',
    state: found['state'] === 'MERGED' ? 'merged' : found['state'] === 'OPEN' ? 'open' : 'closed',
    headCommit: textIn(part(found, 'source', 'commit'), 'hash'),
  }),
}
