import { at } from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { FileChange } from '../../git/index.ts'
import type { KubeObject } from '../../kube/object.ts'
import { stringifyYaml } from '../../kube/yaml/index.ts'
import { fleetFolder } from '../../layout/index.ts'
import { creationRuleIn, sealFile } from '../../sops/index.ts'
import { sealWith } from '../applications/cluster-keys.ts'
import type { ServerContext } from '../context.ts'
import type { RepositoryState } from '../repository/index.ts'
import { chartRepositoriesFolder } from './chart-repositories.ts'

/** A login of a chart repository, as it was typed. */
export interface ChartLogin {
  readonly name: string
  readonly url: string
  readonly username: string
  readonly password: string
}

/** Sealed logins stand at the root of the repository, outside of what is applied as it is. */
const loginsFolder = 'chart-logins'
const loginsName = 'sluice-chart-logins'

export function loginName(repository: string): string {
  return `${repository}-login`
}

/** The login of a wish; undefined for none. @throws E_REQUEST_INVALID when half of it is missing */
export function loginOf(
  name: string,
  url: string,
  { username = '', password = '' }: { readonly username?: string | undefined; readonly password?: string | undefined },
): ChartLogin | undefined {
  if (username === '' && password === '') return undefined
  if (username !== '' && password !== '') return { name, url, username, password }
  throw new SluiceError('E_REQUEST_INVALID', {
    object: `the login of chart repository ${name}`,
    expected: 'a user and a password or token, or neither',
    seen: username === '' ? 'no user' : 'no password',
  })
}

/**
 * The Secret that the engine reads the login from. That of a registry names the registry: the login goes to no other host,
 * also when somebody changes the address in Git.
 */
export function loginSecret(namespace: string, { name, url, username, password }: ChartLogin): KubeObject {
  const metadata = { name: loginName(name), namespace }
  if (!url.startsWith('oci://')) {
    return { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { username, password } }
  }
  const host = url.slice('oci://'.length).split('/', 1)[0]!
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    type: 'kubernetes.io/dockerconfigjson',
    stringData: { '.dockerconfigjson': JSON.stringify({ auths: { [host]: { username, password, auth } } }) },
  }
}

/** Files that can hold the login of a repository. */
export function loginPaths(state: Pick<RepositoryState, 'place'>, name: string) {
  const folder = chartRepositoriesFolder(state)
  return {
    /** Beside the repository: for a fleet whose Kustomization opens sealed files. */
    beside: `${folder}/${name}.secret.yaml`,
    /** Applied by a Kustomization of its own, which opens sealed files. */
    apart: `${loginsFolder}/${name}.yaml`,
    // No repository can have this name.
    sync: `${folder}/_logins.yaml`,
  }
}

/**
 * The sealed file of a login, and what makes the cluster open it.
 *
 * @throws E_APP_SECRET_KEY when there is nobody to seal for
 */
export async function loginFiles(
  context: ServerContext,
  state: RepositoryState,
  login: ChartLogin,
): Promise<FileChange[]> {
  const { place, tree } = state
  const paths = loginPaths(state, login.name)
  const isBeside = rootOpens(context, state)
  if (!isBeside && fleetFolder(place.fleetPath) === '') throw cannotOpen(state)
  const path = isBeside ? paths.beside : paths.apart
  const { recipients: own, clock } = await sealWith(context, place)
  const rules = (await tree.read('.sops.yaml'))?.toString('utf8')
  const rule = rules === undefined ? undefined : creationRuleIn(rules, '.sops.yaml', path)
  const recipients = rule !== undefined && rule.recipients.length > 0 ? rule.recipients : own
  // What stands apart is opened with this Secret, whomever it is sealed for.
  if (recipients.length === 0 || (!isBeside && own.length === 0)) {
    throw new SluiceError('E_APP_SECRET_KEY', {
      object: `the login of chart repository ${login.name}`,
      expected: `the Secret sops-age in ${place.systemNamespace}, with the key that the cluster opens it with`,
      seen: 'none that the server may read',
      next: `Make one with \`sluice secret keygen --in-cluster ${place.systemNamespace}/sops-age\`, or add the repository without a login.`,
    })
  }
  const content = sealFile(Buffer.from(stringifyYaml(loginSecret(place.systemNamespace, login))), 'yaml', {
    recipients,
    rules: { encryptedRegex: '^(data|stringData)$' },
    clock,
  })
  const other = isBeside ? paths.apart : paths.beside
  const files: FileChange[] = [{ path, content }]
  if ((await tree.entry(other)) !== undefined) files.push({ path: other, content: undefined })
  if (!isBeside && (await tree.entry(paths.sync)) === undefined)
    files.push({ path: paths.sync, content: stringifyYaml(loginsSync(state)) })
  return files
}

/** Takes the login of a repository away. */
export async function withoutLogin(state: RepositoryState, name: string): Promise<FileChange[]> {
  const { tree } = state
  const paths = loginPaths(state, name)
  const files: FileChange[] = []
  for (const path of [paths.beside, paths.apart])
    if ((await tree.entry(path)) !== undefined) files.push({ path, content: undefined })
  const left = (await tree.list(loginsFolder)).filter(entry => entry.path !== paths.apart)
  if (left.length === 0 && (await tree.entry(paths.sync)) !== undefined)
    files.push({ path: paths.sync, content: undefined })
  return files
}

/** Chart repositories are applied by the root Kustomization: a login beside them is only good when that one opens it. */
function rootOpens({ flux }: ServerContext, { sync }: RepositoryState): boolean {
  const root = flux?.kustomizations.get(sync.namespace, sync.kustomizationName)
  return at(root, 'spec', 'decryption', 'provider') === 'sops'
}

function loginsSync({ place }: RepositoryState): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: loginsName, namespace: place.systemNamespace },
    spec: {
      interval: '10m0s',
      retryInterval: '1m0s',
      path: `./${loginsFolder}`,
      prune: true,
      decryption: { provider: 'sops', secretRef: { name: 'sops-age' } },
      sourceRef: { kind: 'GitRepository', name: place.sourceName },
    },
  }
}

function cannotOpen({ sync }: RepositoryState): SluiceError {
  return new SluiceError('E_APP_SECRET_KEY', {
    object: `Kustomization/${sync.namespace}/${sync.kustomizationName}`,
    expected: 'spec.decryption with provider sops: it applies the whole repository, sealed logins among it',
    seen: 'none',
    next: 'Add spec.decryption to it as docs/guides/secrets-in-git.md shows, or add the repository without a login.',
  })
}
