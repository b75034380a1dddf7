import { createHash } from 'node:crypto'
import { isObject } from '../../../base/json.ts'
import { Secret } from '../../../secrets/secret.ts'
import { commitOf, describe, repositoryOf } from './git-address.ts'
import { basic, bearer, derived, tokenOf } from './parts.ts'
import { type Deliver, DeliveryFailure, type Send } from './types.ts'

/** A status like the one to be written stands already: writing it again would only add noise. */
function stands(list: unknown, same: Readonly<Record<string, string>>, key: string): boolean {
  if (!Array.isArray(list)) return false
  // The newest is first; an older one of the same name does not count.
  const latest = list.find(item => isObject(item) && item[key] === same[key])
  return isObject(latest) && Object.entries(same).every(([name, value]) => latest[name] === value)
}

async function read(send: Send, url: string, headers: Readonly<Record<string, string | Secret>>): Promise<unknown> {
  return (await send({ method: 'GET', url: url, headers, alsoGood: [404] })).body
}

/** GitHub and GitHub Enterprise Server. */
export const github: Deliver = async (event, provider, send) => {
  if (event.reason === 'Progressing') return
  const token = tokenOf(provider, 'github token')
  const { host, path } = repositoryOf(provider, 2)
  const api = githubApi(host)
  const commit = commitOf(event)
  const status = {
    state: event.severity === 'error' ? 'failure' : 'success',
    context: provider.commitStatus,
    description: describe(event).description,
  }
  const headers = bearer(token)
  const known = await read(send, `${api}/repos/${path}/commits/${commit}/statuses?per_page=50`, headers)
  if (stands(known, status, 'context')) return
  await send({ url: `${api}/repos/${path}/statuses/${commit}`, headers, body: status })
}

/** Where the API of a GitHub host is. */
export function githubApi(host: string): string {
  return host === 'https://github.com' ? 'https://api.github.com' : `${host}/api/v3`
}

export const gitlab: Deliver = async (event, provider, send) => {
  if (event.reason === 'Progressing') return
  const headers = { 'private-token': tokenOf(provider, 'gitlab token') }
  const { host, path } = repositoryOf(provider)
  const project = `${host}/api/v4/projects/${encodeURIComponent(path)}`
  const commit = commitOf(event)
  const name = provider.commitStatus
  const description = describe(event).description
  const state = event.severity === 'error' ? 'failed' : 'success'
  const list = `${project}/repository/commits/${commit}/statuses?name=${encodeURIComponent(name)}`
  const known = await read(send, list, headers)
  if (stands(known, { name, status: state, description }, 'name')) return
  await send({ url: `${project}/statuses/${commit}`, headers, body: { state, name, description } })
}

/** Gitea and Forgejo. */
export const gitea: Deliver = async (event, provider, send) => {
  const token = tokenOf(provider, 'gitea token')
  const { host, path } = repositoryOf(provider, 2)
  const commit = commitOf(event)
  const state = event.reason === 'Progressing' ? 'pending' : event.severity === 'error' ? 'failure' : 'success'
  const status = { context: provider.commitStatus, description: describe(event).description }
  const headers = { authorization: derived(token, text => `token ${text}`) }
  const url = `${host}/api/v1/repos/${path}/statuses/${commit}`
  const known = await read(send, `${url}?page=1&limit=50`, headers)
  if (stands(known, { ...status, status: state }, 'context')) return
  await send({ url: url, headers, body: { ...status, state, target_url: '' } })
}

/** Bitbucket Cloud; its API is not at the address of the repository. */
export const bitbucket: Deliver = async (event, provider, send) => {
  if (event.reason === 'Progressing') return
  const [user, password, ...rest] = tokenOf(provider, 'bitbucket token').reveal().split(':')
  if (!user || !password || rest.length > 0) {
    throw new DeliveryFailure('invalid token format, expected to be <user>:<password>')
  }
  const { host, path } = repositoryOf(provider, 2)
  const api = host === 'https://bitbucket.org' ? 'https://api.bitbucket.org' : host
  const headers = basic(user, Secret.of(password))
  const { name, description } = describe(event)
  const key = shortKey(provider.commitStatus)
  const state = event.severity === 'error' ? 'FAILED' : 'SUCCESSFUL'
  const url = `${api}/2.0/repositories/${path}/commit/${commitOf(event)}/statuses/build`
  const known = await read(send, `${url}/${key}`, headers)
  if (stands([known], { key, state, description }, 'key')) return
  await send({ url: url, headers, body: { state, key, name, description, url: 'https://bitbucket.org' } })
}

/** Bitbucket Server and Data Center. */
export const bitbucketServer: Deliver = async (event, provider, send) => {
  if (event.reason === 'Progressing') return
  const { token, username, password } = provider
  const login = token === undefined || token.isEmpty ? basic(username, password) : bearer(token)
  if (login['authorization'] === undefined) {
    throw new DeliveryFailure('invalid credentials, expected to be one of username/password or API Token')
  }
  const { host, path } = repositoryOf(provider)
  const place = /^(?:(.*)\/)?scm\/([^/]+)\/([^/]+)$/.exec(path)
  if (place === null) {
    throw new DeliveryFailure('could not parse git address: supplied provider address is not http(s) git clone url')
  }
  const [, context = '', project, repository] = place
  const base = context === '' ? host : `${host}/${context}`
  const url = `${base}/rest/api/latest/projects/${project}/repos/${repository}/commits/${commitOf(event)}/builds`
  const { name: object, description } = describe(event)
  const status = {
    key: shortKey(provider.commitStatus),
    state: event.severity === 'error' ? 'FAILED' : 'SUCCESSFUL',
    name: `${object} [${description}]`,
    description,
  }
  const headers = {
    ...login,
    'x-atlassian-token': 'no-check',
    'x-requested-with': 'XMLHttpRequest',
  }
  const known = await read(send, `${url}?key=${status.key}`, headers)
  if (stands([known], status, 'key')) return
  await send({ url: url, headers, body: { ...status, url: provider.address?.reveal() } })
}

export const azureDevOps: Deliver = async (event, provider, send) => {
  if (event.reason === 'Progressing') return
  const headers = basic('flux', tokenOf(provider, 'azure devops token'))
  const { host, path } = repositoryOf(provider, 4)
  const [organization, project, , repository] = path.split('/')
  const base = `${host}/${organization}/${project}/_apis/git/repositories/${repository}`
  const url = `${base}/commits/${commitOf(event)}/statuses?api-version=7.0`
  const state = event.severity === 'error' ? 'error' : 'succeeded'
  const { description } = describe(event)
  const context = { genre: 'fluxcd', name: provider.commitStatus }
  const known = await read(send, `${url}&latestOnly=true`, headers)
  const list = isObject(known) && Array.isArray(known['value']) ? known['value'] : []
  const flat = list.filter(isObject).map(item => ({ ...item, ...(isObject(item['context']) ? item['context'] : {}) }))
  if (stands(flat, { ...context, state, description }, 'name')) return
  await send({ url: url, headers, body: { state, description, context } })
}

/** Bitbucket takes keys of at most 40 characters. */
function shortKey(context: string): string {
  return createHash('sha1').update(context).digest('hex')
}
