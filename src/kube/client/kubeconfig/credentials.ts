import type { Clock } from '../../../base/clock.ts'
import { isObject } from '../../../base/json.ts'
import { Secret } from '../../../secrets/secret.ts'
import {
  type ClientCertificate,
  type CredentialSource,
  type Credentials,
  fixedCredentials,
  type Impersonation,
} from '../access.ts'
import { type Entry, invalid, pathField, textField } from './document.ts'
import { ExecPlugin, readExecConfig } from './exec-plugin.ts'
import { type Environment, readNamedFile } from './files.ts'
import { TokenFile } from './token-file.ts'

/** The credentials of a kubeconfig user. Data stands before files, a token file before a token, as in client-go. */
export async function readCredentialSource(
  user: Entry | undefined,
  cluster: Readonly<Record<string, unknown>>,
  env: Environment,
  clock: Clock,
): Promise<CredentialSource> {
  if (!user) return fixedCredentials({})
  refuseOldWays(user)
  const exec = readExecConfig(user, cluster)
  const clientCertificate = await readCertificate(user)
  const tokenFile = pathField(user, 'tokenFile')
  const token = textField(user, 'token')
  if (exec) {
    if (token !== undefined || tokenFile !== undefined) {
      throw invalid(user.label, 'either exec or a token', 'both')
    }
    return new ExecPlugin(exec, env, clock)
  }
  if (tokenFile !== undefined) return new TokenFile(tokenFile, clock, clientCertificate)
  const credentials: Credentials = {
    ...(token === undefined ? {} : { token: Secret.of(token) }),
    ...(clientCertificate ? { clientCertificate } : {}),
  }
  return fixedCredentials(credentials)
}

function refuseOldWays(user: Entry): void {
  if (user.fields['username'] || user.fields['password']) {
    throw invalid(
      `${user.label}: username and password`,
      'a token, a client certificate or an exec plugin',
      'basic authentication, which Kubernetes removed in 1.19',
    )
  }
  const provider = user.fields['auth-provider']
  if (provider) {
    const name = isObject(provider) && typeof provider['name'] === 'string' ? provider['name'] : '?'
    throw invalid(
      `${user.label}: auth-provider`,
      'an exec plugin',
      `the provider "${name}", which kubectl removed in 1.26`,
      'Fetch a fresh kubeconfig with the tool of your cloud provider; it writes an exec plugin.',
    )
  }
}

async function readCertificate(user: Entry): Promise<ClientCertificate | undefined> {
  const certificate = await pemOf(user, 'client-certificate')
  const key = await pemOf(user, 'client-key')
  if (certificate === undefined && key === undefined) return undefined
  if (certificate === undefined || key === undefined) {
    throw invalid(
      user.label,
      'client-certificate and client-key',
      `only client-${key === undefined ? 'certificate' : 'key'}`,
    )
  }
  return { certificate, key: Secret.of(key) }
}

async function pemOf(user: Entry, field: string): Promise<string | undefined> {
  const data = textField(user, `${field}-data`)
  const file = pathField(user, field)
  let pem: string | undefined
  if (data !== undefined) pem = Buffer.from(data, 'base64').toString('utf8')
  else if (file !== undefined) pem = await readNamedFile(file, `${user.label}: ${field}`)
  if (pem !== undefined && !pem.includes('-----BEGIN'))
    throw invalid(`${user.label}: ${field}`, 'PEM', 'something else')
  return pem
}

/** The identity to act as, from `as`, `as-uid`, `as-groups` and `as-user-extra`. */
export function readImpersonation(user: Entry): Impersonation | undefined {
  const name = textField(user, 'as')
  const groups = user.fields['as-groups']
  const extra = user.fields['as-user-extra']
  const uid = textField(user, 'as-uid')
  if (name === undefined) {
    if (groups || extra || uid) throw invalid(user.label, 'as, when as-groups, as-uid or as-user-extra is set', 'none')
    return undefined
  }
  return {
    user: name,
    ...(Array.isArray(groups) ? { groups: groups.map(String) } : {}),
    ...(uid === undefined ? {} : { uid }),
    ...(isObject(extra)
      ? { extra: Object.fromEntries(Object.entries(extra).map(([k, v]) => [k, Array.isArray(v) ? v.map(String) : []])) }
      : {}),
  }
}
