import { isObject } from '../../base/json.ts'
import type { ClusterRow } from '../../fleet/types.ts'
import { parseApiVersion } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { redact } from '../../secrets/secret.ts'
import type { ClusterDetails } from '../contract/fleet.ts'

type ClusterEvent = ClusterDetails['events'][number]

const most = 100
/** Groups of objects that clusters are made of: their names begin with the cluster's. */
const machinery = /(^|\.)(cluster\.x-k8s\.io|eks\.amazonaws\.com|eksctl\.io)$/

/** Events of the management cluster that are about a cluster, its machinery and its Nodes, newest first. */
export function eventsOf(
  row: Pick<ClusterRow, 'namespace' | 'name'>,
  all: readonly Pick<ClusterRow, 'namespace' | 'name'>[],
  nodes: ReadonlySet<string>,
  events: readonly KubeObject[],
): ClusterEvent[] {
  const isAbout = (about: Record<string, unknown>): boolean => {
    const name = String(about['name'] ?? '')
    const { group } = parseApiVersion(String(about['apiVersion'] ?? ''))
    if (about['kind'] === 'Node' && group === '') return nodes.has(name)
    if (!machinery.test(group)) return false
    const namespace = String(about['namespace'] ?? '')
    // `prod-eu-web` belongs to `prod-eu`, where there is one, and not to `prod`.
    const owners = all.filter(one => name === one.name || name.startsWith(`${one.name}-`))
    const longest = Math.max(0, ...owners.map(one => one.name.length))
    const isOfKind = namespace === row.namespace || namespace === 'eksa-system'
    return isOfKind && longest > 0 && row.name.length === longest && owners.some(one => one.name === row.name)
  }
  return events
    .flatMap(event => {
      const about = event['involvedObject']
      return isObject(about) && isAbout(about) ? [viewOf(event, about)] : []
    })
    .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.id < b.id ? 1 : -1))
    .slice(0, most)
}

function viewOf(event: KubeObject, about: Record<string, unknown>): ClusterEvent {
  const text = (field: string) => (typeof event[field] === 'string' ? (event[field] as string) : '')
  return {
    id: event.metadata.uid ?? event.metadata.name ?? '',
    warning: text('type') === 'Warning',
    reason: text('reason').slice(0, 128),
    message: redact(text('message')).slice(0, 2000),
    at:
      text('lastTimestamp') || text('eventTime') || text('firstTimestamp') || (event.metadata.creationTimestamp ?? ''),
    count: typeof event['count'] === 'number' ? event['count'] : 1,
    about: `${String(about['kind'] ?? '')} ${String(about['name'] ?? '')}`.slice(0, 512),
  }
}
