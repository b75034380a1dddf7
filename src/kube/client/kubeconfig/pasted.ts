import type { Clock } from '../../../base/clock.ts'
import type { ClusterAccess } from '../access.ts'
import { addFile, booleanField, type Entry, emptyDocument, invalid, type KubeConfigDocument } from './document.ts'
import { accessFrom } from './load.ts'

const source = 'the kubeconfig'

/** Fields that name files or run programs: of the machine of whoever wrote the kubeconfig, not of this one. */
const ofAMachine = {
  cluster: ['certificate-authority'],
  user: ['client-certificate', 'client-key', 'tokenFile', 'exec', 'auth-provider'],
} as const

/** The contexts that a kubeconfig has, and the current one. Fails with E_KUBECONFIG_INVALID, E_YAML_SYNTAX. */
export function contextsIn(text: string): { readonly names: readonly string[]; readonly current: string } {
  const document = read(text)
  return { names: [...document.contexts.keys()], current: document.currentContext }
}

/**
 * How to reach a cluster, from the text of a kubeconfig that came from elsewhere: nothing on this machine is read or run for
 * it, and the server has to prove who it is.
 *
 * @throws E_KUBECONFIG_INVALID, E_KUBECONFIG_CONTEXT, E_YAML_SYNTAX
 */
export async function pastedKubeConfig(
  text: string,
  context: string | undefined,
  clock: Clock,
): Promise<ClusterAccess> {
  const document = read(text)
  const name = context ?? document.currentContext
  const used = document.contexts.get(name)
  const [cluster, user] = [entryOf(document.clusters, used, 'cluster'), entryOf(document.users, used, 'user')]
  if (cluster) refuseFields(cluster, ofAMachine.cluster)
  if (user) refuseFields(user, ofAMachine.user)
  if (cluster && booleanField(cluster, 'insecure-skip-tls-verify')) {
    throw invalid(
      `${cluster.label}: insecure-skip-tls-verify`,
      'certificate-authority-data',
      'a server that proves nothing',
      'Put the authority into the kubeconfig: kubectl config set-cluster NAME --certificate-authority FILE --embed-certs.',
    )
  }
  return accessFrom(document, name, {}, clock)
}

function read(text: string): KubeConfigDocument {
  const document = emptyDocument()
  addFile(document, source, '/', text)
  return document
}

function entryOf(entries: KubeConfigDocument['users'], context: Entry | undefined, field: string): Entry | undefined {
  const name = context?.fields[field]
  return typeof name === 'string' ? entries.get(name) : undefined
}

function refuseFields(entry: Entry, fields: readonly string[]): void {
  const found = fields.find(field => entry.fields[field] !== undefined && entry.fields[field] !== null)
  if (found === undefined) return
  const runs = found === 'exec' || found === 'auth-provider'
  throw invalid(
    `${entry.label}: ${found}`,
    runs ? 'a token or a client certificate' : `${found}-data, or a token`,
    runs ? 'a program, which is not run here' : 'the name of a file, which is not read here',
    runs
      ? 'Give a kubeconfig with the token of a service account: kubectl create token NAME --duration 1h.'
      : 'Put what the file holds into the kubeconfig: kubectl config view --raw --flatten --minify.',
  )
}
