import { type Clock, systemClock } from '../../../base/clock.ts'
import type { ClusterAccess } from '../access.ts'
import { addFile, type Entry, emptyDocument, invalid } from './document.ts'
import { accessFrom } from './load.ts'

/** What would reach for this machine: a kubeconfig that came over the network must not. */
const refused = ['exec', 'tokenFile', 'client-certificate', 'client-key', 'certificate-authority']

/**
 * How to reach a cluster, from the text of a kubeconfig that stands in a Secret. It must hold everything itself: one that
 * names a file or a program of this machine is refused (E_KUBECONFIG_INVALID). Proxies of the environment do not count.
 */
export async function loadKubeConfigText(
  text: string,
  label: string,
  clock: Clock = systemClock,
): Promise<ClusterAccess> {
  const document = emptyDocument()
  addFile(document, label, '/', text)
  const entries: Entry[] = [...document.users.values(), ...document.clusters.values()]
  for (const entry of entries) {
    for (const field of refused) {
      if (entry.fields[field])
        throw invalid(`${entry.label}: ${field}`, 'data that stands in the kubeconfig itself', field)
    }
  }
  return accessFrom(document, undefined, {}, clock)
}
