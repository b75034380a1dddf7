import { SluiceError } from '../../base/errors/index.ts'
import { type Fleet, followedUrl, type SyncCredential, usesDeployKey } from '../../bootstrap/index.ts'
import { sshAddress } from '../../credentials/ssh-address.ts'
import { sshAuthOf } from '../../credentials/sync-secret.ts'
import type { Forge } from '../../forges/types.ts'
import { checkRepositoryUrl } from '../../git/index.ts'
import { scanHostKeys } from '../../git/scan-host-keys.ts'
import { judgeHostKeys, trustHostKeys } from '../../git/trust-host.ts'
import type { KubeClient } from '../../kube/client/types.ts'

const secretName = 'flux-system'
const scanMs = 15_000

/**
 * With what the cluster fetches: as it does now, else with a deploy key where the host has them and its SSH keys are those
 * that it publishes. Nobody can be asked about another host's keys here: then it is the token, and `note` says so.
 */
export async function chooseSync(
  at: { readonly forge: Forge; readonly fleet: Fleet; readonly client: KubeClient; readonly tokenAuth: boolean },
  signal: AbortSignal,
): Promise<{ readonly sync: SyncCredential; readonly note?: string }> {
  const { forge, fleet, client } = at
  const token = { sync: { credential: 'token' } } as const
  if (at.tokenAuth || fleet.tokenAuth === true) return token
  // A cluster that does not answer is told of by the checks.
  const wantsKey = await usesDeployKey(at, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    if (error instanceof SluiceError) return false
    throw error
  })
  if (!wantsKey) return token
  const live = await followedUrl(client, fleet, signal)
  if (live?.startsWith('ssh://')) {
    const ref = { group: '', version: 'v1', kind: 'Secret', namespace: fleet.namespace, name: secretName }
    const kept = sshAuthOf(await client.find(ref, { signal }))
    if (kept) return { sync: { credential: 'deploy-key', url: live, knownHosts: kept.knownHosts } }
  }
  const url = live?.startsWith('ssh://')
    ? live
    : sshAddress(forge.kind, forge.remote(fleet.owner, fleet.repository).url)
  const knownHosts = await publishedLines(url, signal)
  if (knownHosts !== undefined) return { sync: { credential: 'deploy-key', url, knownHosts } }
  const { host } = checkRepositoryUrl(url)
  return {
    ...token,
    note: `The cluster will fetch with the token of the connection: the SSH keys of ${host} are not published anywhere that Sluice knows. For a deploy key, confirm them once with \`sluice bootstrap\`.`,
  }
}

/** Lines of known_hosts for a server that shows the keys it publishes. */
async function publishedLines(url: string, signal: AbortSignal): Promise<string | undefined> {
  const { host, port } = checkRepositoryUrl(url)
  const place = { host, port: port === '22' ? undefined : port }
  try {
    const shown = await scanHostKeys(place, AbortSignal.any([signal, AbortSignal.timeout(scanMs)]))
    const finding = judgeHostKeys(place, shown, '')
    return finding.publishedBy === undefined ? undefined : await trustHostKeys(finding, '', {})
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}
