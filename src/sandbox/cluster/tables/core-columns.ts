import { isObject } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { TableColumns } from '../kinds/types.ts'
import {
  ageColumn,
  at,
  columns,
  count,
  labelsText,
  listAt,
  numberAt,
  stringAt,
  templateColumns,
  text,
} from './column.ts'
import { age } from './human-duration.ts'

const entries =
  (...fields: readonly string[]) =>
  (object: KubeObject) =>
    fields.reduce((sum, field) => sum + (isObject(object[field]) ? Object.keys(object[field]).length : 0), 0)

/** Columns of the core group but for pods. */
export const coreColumns: Readonly<Record<string, TableColumns>> = {
  '/ConfigMap': columns(text('Data', entries('data', 'binaryData')), ageColumn),
  '/Secret': columns(
    text('Type', object => stringAt(object, 'type')),
    text('Data', entries('data')),
    ageColumn,
  ),
  '/Namespace': columns(
    text('Status', object => stringAt(object, 'status.phase')),
    ageColumn,
  ),
  '/ServiceAccount': columns(ageColumn),
  '/Service': columns(
    text('Type', object => stringAt(object, 'spec.type')),
    text('Cluster-IP', object => (at(object, 'spec.clusterIPs.0') as string | undefined) ?? '<none>'),
    text('External-IP', externalIp),
    text('Port(s)', ports),
    ageColumn,
    text('Selector', object => labelsText(at(object, 'spec.selector')), 1),
  ),
  '/Endpoints': columns(text('Endpoints', endpoints), ageColumn),
  '/Node': columns(
    text('Status', nodeStatus),
    text('Roles', nodeRoles),
    ageColumn,
    text('Version', object => stringAt(object, 'status.nodeInfo.kubeletVersion')),
    text('Internal-IP', object => address(object, 'InternalIP'), 1),
    text('External-IP', object => address(object, 'ExternalIP'), 1),
    text('OS-Image', object => stringAt(object, 'status.nodeInfo.osImage', '<unknown>'), 1),
    text(
      'Kernel-Version',
      object => {
        const kernel = stringAt(object, 'status.nodeInfo.kernelVersion')
        const architecture = stringAt(object, 'status.nodeInfo.architecture')
        if (kernel === '') return '<unknown>'
        return architecture === '' ? kernel : `${kernel} (${architecture})`
      },
      1,
    ),
    text('Container-Runtime', object => stringAt(object, 'status.nodeInfo.containerRuntimeVersion', '<unknown>'), 1),
  ),
  '/PersistentVolume': columns(
    text('Capacity', object => stringAt(object, 'spec.capacity.storage')),
    text('Access Modes', object => accessModes(at(object, 'spec.accessModes'))),
    text('Reclaim Policy', object => stringAt(object, 'spec.persistentVolumeReclaimPolicy')),
    text('Status', object => terminating(object) ?? stringAt(object, 'status.phase')),
    text('Claim', object => {
      const claim = at(object, 'spec.claimRef')
      return isObject(claim) ? `${String(claim['namespace'] ?? '')}/${String(claim['name'] ?? '')}` : ''
    }),
    text('StorageClass', object => stringAt(object, 'spec.storageClassName')),
    text('VolumeAttributesClass', object => stringAt(object, 'spec.volumeAttributesClassName', '<unset>')),
    text('Reason', object => stringAt(object, 'status.reason')),
    ageColumn,
    text('VolumeMode', object => stringAt(object, 'spec.volumeMode', '<unset>'), 1),
  ),
  '/PersistentVolumeClaim': columns(
    text('Status', object => terminating(object) ?? stringAt(object, 'status.phase')),
    text('Volume', object => stringAt(object, 'spec.volumeName')),
    text('Capacity', object => (at(object, 'spec.volumeName') ? stringAt(object, 'status.capacity.storage') : '')),
    text('Access Modes', object =>
      at(object, 'spec.volumeName') ? accessModes(at(object, 'status.accessModes')) : '',
    ),
    text('StorageClass', object => stringAt(object, 'spec.storageClassName')),
    text('VolumeAttributesClass', object => stringAt(object, 'spec.volumeAttributesClassName', '<unset>')),
    ageColumn,
    text('VolumeMode', object => stringAt(object, 'spec.volumeMode', '<unset>'), 1),
  ),
  '/ResourceQuota': columns(
    text('Request', object => quota(object, name => !name.startsWith('limits'))),
    text('Limit', object => quota(object, name => name.startsWith('limits'))),
    ageColumn,
  ),
  '/ReplicationController': columns(
    count('Desired', 'spec.replicas'),
    count('Current', 'status.replicas'),
    count('Ready', 'status.readyReplicas'),
    ageColumn,
    ...templateColumns('spec.template'),
    text('Selector', object => labelsText(at(object, 'spec.selector')), 1),
  ),
  '/PodTemplate': columns(
    text('Containers', object =>
      listAt(object, 'template.spec.containers')
        .map(c => c['name'])
        .join(','),
    ),
    text('Images', object =>
      listAt(object, 'template.spec.containers')
        .map(c => c['image'])
        .join(','),
    ),
    text('Pod Labels', object => labelsText(at(object, 'template.metadata.labels'))),
    ageColumn,
  ),
  '/Event': eventColumns(),
  'events.k8s.io/Event': eventColumns(),
}

function terminating(object: KubeObject): string | undefined {
  return object.metadata.deletionTimestamp === undefined ? undefined : 'Terminating'
}

function externalIp(object: KubeObject): string {
  const external = (at(object, 'spec.externalIPs') as string[] | undefined) ?? []
  const type = stringAt(object, 'spec.type')
  if (type === 'ExternalName') return stringAt(object, 'spec.externalName')
  const balanced =
    type === 'LoadBalancer'
      ? listAt(object, 'status.loadBalancer.ingress').map(entry => String(entry['ip'] || entry['hostname'] || ''))
      : []
  const all = [...balanced.filter(text => text !== ''), ...external]
  if (all.length > 0) return all.join(',')
  return type === 'LoadBalancer' ? '<pending>' : '<none>'
}

function ports(object: KubeObject): string {
  const list = listAt(object, 'spec.ports')
  if (list.length === 0) return '<none>'
  return list
    .map(
      port =>
        `${String(port['port'])}${port['nodePort'] ? `:${String(port['nodePort'])}` : ''}/${String(port['protocol'])}`,
    )
    .join(',')
}

function endpoints(object: KubeObject): string {
  const all = listAt(object, 'subsets').flatMap(subset => {
    const addresses = listAt(subset, 'addresses').map(entry => String(entry['ip']))
    const list = listAt(subset, 'ports')
    if (list.length === 0) return addresses
    return list.flatMap(port => addresses.map(ip => `${ip}:${String(port['port'])}`))
  })
  if (all.length === 0) return '<none>'
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',')
}

function nodeStatus(object: KubeObject): string {
  const ready = listAt(object, 'status.conditions').find(condition => condition['type'] === 'Ready')
  const status = ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : 'NotReady'
  return at(object, 'spec.unschedulable') === true ? `${status},SchedulingDisabled` : status
}

function nodeRoles(object: KubeObject): string {
  const roles = new Set<string>()
  for (const [key, value] of Object.entries(object.metadata.labels ?? {})) {
    if (key.startsWith('node-role.kubernetes.io/') && key.length > 24) roles.add(key.slice(24))
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(value)
  }
  return roles.size === 0 ? '<none>' : [...roles].sort().join(',')
}

function address(object: KubeObject, type: string): string {
  const found = listAt(object, 'status.addresses').find(entry => entry['type'] === type)
  return found === undefined ? '<none>' : String(found['address'])
}

const modes: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

function accessModes(list: unknown): string {
  const given = new Set(Array.isArray(list) ? list : [])
  return Object.keys(modes)
    .filter(mode => given.has(mode))
    .map(mode => modes[mode])
    .join(',')
}

function quota(object: KubeObject, wanted: (name: string) => boolean): string {
  const hard = at(object, 'status.hard')
  if (!isObject(hard)) return ''
  return Object.keys(hard)
    .filter(wanted)
    .sort()
    .map(name => `${name}: ${stringAt(object['status'], `used.${name}`, '0') || '0'}/${String(hard[name])}`)
    .join(', ')
}

/** Events show their name last, and only in the wide form. */
function eventColumns(): TableColumns {
  const lastSeen = (object: KubeObject): unknown =>
    at(object, 'series.lastObservedTime') ??
    object['lastTimestamp'] ??
    object['deprecatedLastTimestamp'] ??
    firstSeen(object)
  const firstSeen = (object: KubeObject): unknown =>
    object['firstTimestamp'] ?? object['deprecatedFirstTimestamp'] ?? object['eventTime']
  const involved = (object: KubeObject): unknown => object['involvedObject'] ?? object['regarding']
  return {
    ...columns(
      text('Last Seen', (object, now) => age(lastSeen(object), now)),
      text('Type', object => stringAt(object, 'type')),
      text('Reason', object => stringAt(object, 'reason')),
      text('Object', object => {
        const { kind, name } = (involved(object) ?? {}) as { kind?: string; name?: string }
        return `${(kind ?? '').toLowerCase()}/${name ?? ''}`
      }),
      text('Subobject', object => stringAt(involved(object), 'fieldPath'), 1),
      text('Source', eventSource, 1),
      text('Message', object => (stringAt(object, 'message') || stringAt(object, 'note')).trim()),
      text('First Seen', (object, now) => age(firstSeen(object), now), 1),
      text(
        'Count',
        object =>
          numberAt(object, 'series.count') || numberAt(object, 'count') || numberAt(object, 'deprecatedCount') || 1,
        1,
      ),
      { ...text('Name', object => object.metadata.name ?? '', 1), format: 'name' },
    ),
    includesName: true,
  }
}

function eventSource(object: KubeObject): string {
  const component =
    stringAt(object, 'source.component') ||
    stringAt(object, 'reportingComponent') ||
    stringAt(object, 'reportingController')
  const host = stringAt(object, 'source.host') || stringAt(object, 'reportingInstance')
  return host === '' ? component : `${component}, ${host}`
}
