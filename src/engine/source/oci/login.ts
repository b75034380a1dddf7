import { isObject } from '../../../base/json.ts'
import { Secret } from '../../../secrets/secret.ts'
import { StepFailure } from '../../failure.ts'
import type { SourceContext } from '../context.ts'
import { readTexts, type SecretTexts } from '../http/access.ts'
import type { OciRepositoryRef } from './reference.ts'
import type { RegistryLogin } from './registry.ts'

interface LoginSpec {
  readonly secretRef?: { readonly name: string } | undefined
  readonly serviceAccountName?: string | undefined
}

/** The login for a registry out of `secretRef` and the pull secrets of the service account; undefined for none. */
export async function loginFor(
  context: SourceContext,
  namespace: string,
  spec: LoginSpec,
  ref: OciRepositoryRef,
): Promise<RegistryLogin | undefined> {
  const names: string[] = []
  if (spec.secretRef !== undefined) names.push(spec.secretRef.name)
  if (spec.serviceAccountName) {
    const account = await context.client.find({
      group: '',
      version: 'v1',
      kind: 'ServiceAccount',
      namespace,
      name: spec.serviceAccountName,
    })
    if (account === undefined) {
      throw new StepFailure(
        'AuthenticationFailed',
        `failed to get credential: serviceaccounts "${spec.serviceAccountName}" not found`,
      )
    }
    const secrets = account['imagePullSecrets']
    for (const secret of Array.isArray(secrets) ? secrets : []) {
      if (isObject(secret) && typeof secret['name'] === 'string') names.push(secret['name'])
    }
  }
  for (const name of names) {
    const login = loginIn(await readTexts(context, namespace, name), ref, `${namespace}/${name}`)
    if (login !== undefined) return login
  }
  return undefined
}

/** The login of a Secret of type kubernetes.io/dockerconfigjson (or with `username` and `password`) for a registry. */
export function loginIn(texts: SecretTexts, ref: OciRepositoryRef, where: string): RegistryLogin | undefined {
  const text = texts['.dockerconfigjson']
  if (text === undefined) {
    const { username, password } = texts
    if (username && password) return { username, password: Secret.of(password) }
    throw new StepFailure(
      'AuthenticationFailed',
      `failed to get credential: secret '${where}': expected '.dockerconfigjson' (type kubernetes.io/dockerconfigjson)`,
    )
  }
  let auths: unknown
  try {
    auths = (JSON.parse(text) as { auths?: unknown }).auths
  } catch {
    throw new StepFailure(
      'AuthenticationFailed',
      `failed to get credential: secret '${where}': '.dockerconfigjson' is not JSON`,
    )
  }
  if (!isObject(auths)) return undefined
  let best: { length: number; entry: Record<string, unknown> } | undefined
  for (const [key, entry] of Object.entries(auths)) {
    if (!isObject(entry) || !matches(key, ref)) continue
    if (best === undefined || key.length > best.length) best = { length: key.length, entry }
  }
  return best && loginOf(best.entry)
}

/** Keys are hosts, with or without a scheme and a path; the path must be a prefix, the host may have `*` for labels. */
function matches(key: string, ref: OciRepositoryRef): boolean {
  const bare = key.replace(/^https?:\/\//, '').replace(/\/+$/, '')
  const cut = bare.indexOf('/')
  const [host, path] = cut < 0 ? [bare, ''] : [bare.slice(0, cut), bare.slice(cut + 1)]
  const [wanted, given] = [ref.host.split('.'), host.split('.')]
  const alias = ref.host === 'index.docker.io' && (host === 'docker.io' || host === 'registry-1.docker.io')
  const same = wanted.length === given.length && given.every((label, i) => label === '*' || label === wanted[i])
  if (!same && !alias) return false
  if (path === '' || path === 'v1' || path === 'v2') return true
  return ref.path === path || ref.path.startsWith(`${path}/`)
}

function loginOf(entry: Record<string, unknown>): RegistryLogin | undefined {
  const text = (key: string) => (typeof entry[key] === 'string' ? (entry[key] as string) : '')
  let [username, password] = [text('username'), text('password')]
  if (username === '' && text('auth') !== '') {
    const decoded = Buffer.from(text('auth'), 'base64').toString('utf8')
    const cut = decoded.indexOf(':')
    if (cut > 0) [username, password] = [decoded.slice(0, cut), decoded.slice(cut + 1).replace(/\0+$/, '')]
  }
  const token = text('identitytoken')
  if (username === '' && token === '') return undefined
  return {
    username,
    password: Secret.of(password),
    ...(token === '' ? {} : { identityToken: Secret.of(token) }),
  }
}
