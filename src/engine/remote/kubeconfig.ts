import { isObject } from '../../base/json.ts'
import { type ClusterAccess, fixedCredentials } from '../../kube/client/access.ts'
import { parseYaml } from '../../kube/yaml/index.ts'
import { Secret } from '../../secrets/secret.ts'
import { StepFailure } from '../failure.ts'

type Fields = Record<string, unknown>

/** Fields that would run a program, read the engine's disk, drop a check, or act as somebody else. */
const refusedUser = ['exec', 'auth-provider', 'tokenFile', 'client-certificate', 'client-key', 'username', 'password']
const refusedImpersonation = ['as', 'as-uid', 'as-groups', 'as-user-extra']
const refusedCluster = ['insecure-skip-tls-verify', 'certificate-authority', 'proxy-url']

/**
 * How to reach the cluster of a kubeconfig that somebody has put into a Secret. Everything has to stand in the text
 * itself: nothing is run, no file of the engine's machine is read, and the server's certificate is always checked.
 *
 * @param where what errors call it
 */
export function remoteAccess(text: string, where: string): ClusterAccess {
  const root = parsed(text, where)
  const context = entry(root, 'contexts', 'context', textOf(root, 'current-context', where), where)
  const cluster = entry(root, 'clusters', 'cluster', textOf(context, 'cluster', where), where)
  const user = entry(root, 'users', 'user', textOf(context, 'user', where), where)
  refuse(cluster, 'cluster', refusedCluster, where)
  refuse(user, 'user', [...refusedUser, ...refusedImpersonation], where)
  const ca = pem(cluster, 'certificate-authority-data', where)
  const token = optional(user, 'token', where)
  const certificate = pem(user, 'client-certificate-data', where)
  const key = pem(user, 'client-key-data', where)
  if ((certificate === undefined) !== (key === undefined)) {
    throw wrong(where, 'client-certificate-data and client-key-data together', 'only one of them')
  }
  const serverName = optional(cluster, 'tls-server-name', where)
  return {
    name: where,
    server: serverOf(cluster, where),
    namespace: 'default',
    tls: { insecure: false, ...(ca === undefined ? {} : { ca }), ...(serverName === undefined ? {} : { serverName }) },
    credentials: fixedCredentials({
      ...(token === undefined ? {} : { token: Secret.of(token) }),
      ...(certificate === undefined || key === undefined
        ? {}
        : { clientCertificate: { certificate, key: Secret.of(key) } }),
    }),
  }
}

function parsed(text: string, where: string): Fields {
  let root: unknown
  try {
    root = parseYaml(text, { maxLength: 1024 * 1024 })
  } catch {
    // The parser's message quotes the text.
    throw wrong(where, 'a kubeconfig', 'text that is no YAML')
  }
  if (!isObject(root)) throw wrong(where, 'a kubeconfig', 'something else')
  return root
}

function entry(root: Fields, list: string, field: string, name: string, where: string): Fields {
  const items = root[list]
  const found = Array.isArray(items) ? items.find(item => isObject(item) && item['name'] === name) : undefined
  if (!isObject(found)) throw wrong(where, `${list} to hold ${JSON.stringify(name)}`, 'none of this name')
  return isObject(found[field]) ? found[field] : {}
}

function refuse(fields: Fields, kind: 'cluster' | 'user', names: readonly string[], where: string): void {
  const used = names.filter(
    name => fields[name] !== undefined && fields[name] !== null && fields[name] !== false && fields[name] !== '',
  )
  if (used.length === 0) return
  throw new StepFailure(
    'ReconciliationFailed',
    `failed to build kube client: ${where}: ${used.map(name => `${kind}.${name}`).join(', ')}: not allowed in a kubeconfig from a Secret; ` +
      'write a token or certificates into it as data (token, client-certificate-data, client-key-data, certificate-authority-data)',
    { stalled: true },
  )
}

function serverOf(cluster: Fields, where: string): string {
  const text = textOf(cluster, 'server', where)
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    throw wrong(where, 'cluster.server to be an https URL without credentials', 'something else')
  }
  return url.origin + url.pathname.replace(/\/+$/, '')
}

function pem(fields: Fields, name: string, where: string): string | undefined {
  const data = optional(fields, name, where)
  if (data === undefined) return undefined
  const text = Buffer.from(data, 'base64').toString('utf8')
  if (!text.includes('-----BEGIN')) throw wrong(where, `${name} to be PEM in base64`, 'something else')
  return text
}

function optional(fields: Fields, name: string, where: string): string | undefined {
  const value = fields[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') throw wrong(where, `${name} to be a text`, `a ${typeof value}`)
  return value
}

function textOf(fields: Fields, name: string, where: string): string {
  const value = optional(fields, name, where)
  if (value === undefined) throw wrong(where, name, 'nothing')
  return value
}

function wrong(where: string, expected: string, seen: string): StepFailure {
  return new StepFailure(
    'ReconciliationFailed',
    `failed to build kube client: ${where}: expected ${expected}, seen ${seen}`,
  )
}
