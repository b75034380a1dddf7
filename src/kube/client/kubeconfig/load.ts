import { type Clock, systemClock } from '../../../base/clock.ts'
import { SluiceError } from '../../../base/errors/index.ts'
import { redact, Secret } from '../../../secrets/secret.ts'
import type { ClusterAccess } from '../access.ts'
import { readCredentialSource, readImpersonation } from './credentials.ts'
import { booleanField, type Entry, invalid, type KubeConfigDocument, pathField, textField } from './document.ts'
import { candidates, type Environment, readKubeConfigFiles, readNamedFile } from './files.ts'
import { inClusterAccess } from './in-cluster.ts'
import { proxyFromEnvironment } from './proxy-env.ts'

export interface LoadOptions {
  /** This file and no other; without it, KUBECONFIG, `~/.kube/config` and the pod's own cluster, in this order. */
  readonly path?: string
  /**
   * The environment: KUBECONFIG, HOME, proxies; credential plugins inherit it. SLUICE_SERVICE_ACCOUNT_DIR is where a pod has
   * its service account, when that is not where Kubernetes mounts it.
   */
  readonly env: Environment
  /** The context to use instead of the current one. */
  readonly context?: string
  readonly clock?: Clock
}

/**
 * How to reach a cluster, from the same files and by the same rules as kubectl.
 *
 * @throws SluiceError E_KUBECONFIG_MISSING, E_KUBECONFIG_CONTEXT, E_KUBECONFIG_INVALID, E_FILE_READ, E_YAML_SYNTAX.
 */
export async function loadKubeConfig(options: LoadOptions): Promise<ClusterAccess> {
  const clock = options.clock ?? systemClock
  const document = await readKubeConfigFiles(options.env, options.path)
  if (!document || (document.contexts.size === 0 && options.path === undefined)) {
    const access = await inClusterAccess(options.env, clock, options.env['SLUICE_SERVICE_ACCOUNT_DIR'] || undefined)
    if (access) return access
  }
  if (!document) {
    const looked = candidates(options.env)
    throw new SluiceError('E_KUBECONFIG_MISSING', {
      expected: 'a kubeconfig file',
      seen: looked.length === 0 ? 'neither KUBECONFIG nor HOME in the environment' : `none at ${looked.join(', ')}`,
    })
  }
  return accessFrom(document, options.context, options.env, clock)
}

export async function accessFrom(
  document: KubeConfigDocument,
  wanted: string | undefined,
  env: Environment,
  clock: Clock,
): Promise<ClusterAccess> {
  const name = wanted ?? document.currentContext
  const context = entryOf(document, document.contexts, 'context', name)
  const cluster = entryOf(document, document.clusters, 'cluster', textField(context, 'cluster') ?? '')
  const userName = textField(context, 'user')
  const user = userName === undefined ? undefined : entryOf(document, document.users, 'user', userName)
  const server = readServer(cluster)
  const tls = await readTls(cluster)
  const proxyUrl = readProxy(cluster, server, env)
  const credentials = await readCredentialSource(user, clusterInfo(server, tls, cluster), env, clock)
  const impersonate = user ? readImpersonation(user) : undefined
  if (server.startsWith('http:') && user && !/^http:\/\/(?:127\.|localhost[:/]|localhost$|\[::1\])/.test(server)) {
    if (Object.keys(user.fields).length > 0) {
      throw invalid(`${cluster.label}: server`, 'https, because credentials are sent to it', server)
    }
  }
  return {
    name,
    server,
    namespace: textField(context, 'namespace') ?? 'default',
    tls,
    credentials,
    ...(proxyUrl === undefined ? {} : { proxyUrl: Secret.of(proxyUrl) }),
    ...(impersonate ? { impersonate } : {}),
  }
}

function entryOf(document: KubeConfigDocument, entries: Map<string, Entry>, what: string, name: string): Entry {
  const entry = entries.get(name)
  if (entry) return entry
  const known = [...entries.keys()]
  throw new SluiceError('E_KUBECONFIG_CONTEXT', {
    object: document.files.join(', '),
    expected: name === '' ? `a ${what} to use` : `the ${what} "${name}"`,
    seen: known.length === 0 ? `no ${what}s` : known.join(', '),
    ...(name === '' && what === 'context' ? { next: 'Choose one: kubectl config use-context NAME.' } : {}),
  })
}

function readServer(cluster: Entry): string {
  const text = textField(cluster, 'server')
  if (text === undefined) throw invalid(`${cluster.label}: server`, 'the URL of the API server', 'nothing')
  // client-go takes a bare host as https.
  const url = URL.canParse(text) && /^https?:\/\//i.test(text) ? new URL(text) : parseBare(text, cluster)
  if (url.username !== '' || url.password !== '') {
    throw invalid(
      `${cluster.label}: server`,
      'a URL without credentials',
      redact(text),
      'Move the credentials to the user.',
    )
  }
  return url.origin + url.pathname.replace(/\/+$/, '')
}

function parseBare(text: string, cluster: Entry): URL {
  const url = `https://${text}`
  if (!text.includes('://') && URL.canParse(url)) return new URL(url)
  throw invalid(`${cluster.label}: server`, 'an http or https URL', redact(text))
}

async function readTls(cluster: Entry): Promise<ClusterAccess['tls']> {
  const insecure = booleanField(cluster, 'insecure-skip-tls-verify')
  const data = textField(cluster, 'certificate-authority-data')
  const file = pathField(cluster, 'certificate-authority')
  if (insecure && (data !== undefined || file !== undefined)) {
    throw invalid(
      cluster.label,
      'certificate-authority or insecure-skip-tls-verify',
      'both',
      'Remove insecure-skip-tls-verify.',
    )
  }
  const serverName = textField(cluster, 'tls-server-name')
  let ca: string | undefined
  if (data !== undefined) ca = Buffer.from(data, 'base64').toString('utf8')
  else if (file !== undefined) ca = await readNamedFile(file, `${cluster.label}: certificate-authority`)
  if (ca !== undefined && !ca.includes('-----BEGIN')) {
    throw invalid(`${cluster.label}: certificate-authority`, 'a PEM certificate', 'something else')
  }
  return { insecure, ...(ca === undefined ? {} : { ca }), ...(serverName === undefined ? {} : { serverName }) }
}

function readProxy(cluster: Entry, server: string, env: Environment): string | undefined {
  const named = textField(cluster, 'proxy-url')
  const proxy = named ?? proxyFromEnvironment(server, env)
  if (proxy === undefined) return undefined
  const where = named === undefined ? 'HTTPS_PROXY or HTTP_PROXY in the environment' : `${cluster.label}: proxy-url`
  if (!URL.canParse(proxy) || !/^(?:https?|socks5h?):$/.test(new URL(proxy).protocol)) {
    throw invalid(where, 'an http, https or socks5 URL', redact(proxy))
  }
  return proxy
}

/** What a credential plugin is told about the cluster when it asks for it. */
function clusterInfo(server: string, tls: ClusterAccess['tls'], cluster: Entry): Record<string, unknown> {
  return {
    server,
    ...(tls.ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(tls.ca).toString('base64') }),
    ...(tls.serverName === undefined ? {} : { 'tls-server-name': tls.serverName }),
    ...(tls.insecure ? { 'insecure-skip-tls-verify': true } : {}),
    ...(textField(cluster, 'proxy-url') === undefined ? {} : { 'proxy-url': textField(cluster, 'proxy-url') }),
  }
}
