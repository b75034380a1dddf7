import type { KubeObject } from '../../../kube/object.ts'
import type { TableColumns } from '../kinds/types.ts'
import type { Column } from './column.ts'
import { ageColumn, at, columns, listAt, numberAt, selectorText, stringAt, text } from './column.ts'
import { age, humanDuration } from './human-duration.ts'

const subjects = (kind: string) => (object: KubeObject) =>
  listAt(object, 'subjects')
    .filter(subject => subject['kind'] === kind)
    .map(subject =>
      kind === 'ServiceAccount' ? `${String(subject['namespace'])}/${String(subject['name'])}` : subject['name'],
    )
    .join(', ')

const binding = columns(
  text('Role', object => `${stringAt(object, 'roleRef.kind')}/${stringAt(object, 'roleRef.name')}`),
  ageColumn,
  text('Users', subjects('User'), 1),
  text('Groups', subjects('Group'), 1),
  text('ServiceAccounts', subjects('ServiceAccount'), 1),
)

const webhooks = columns(
  { name: 'Webhooks', type: 'integer', priority: 0, cell: object => listAt(object, 'webhooks').length },
  ageColumn,
)

const yesNo = (name: string, path: string): Column => ({
  name,
  type: 'boolean',
  priority: 0,
  cell: object => at(object, path) === true,
})

/** Columns of access, networking, storage, scheduling and registration kinds. */
export const policyColumns: Readonly<Record<string, TableColumns>> = {
  'rbac.authorization.k8s.io/RoleBinding': binding,
  'rbac.authorization.k8s.io/ClusterRoleBinding': binding,
  'coordination.k8s.io/Lease': columns(
    text('Holder', object => stringAt(object, 'spec.holderIdentity')),
    ageColumn,
  ),
  'networking.k8s.io/Ingress': columns(
    text('Class', object => stringAt(object, 'spec.ingressClassName', '<none>')),
    text('Hosts', object => {
      const hosts = listAt(object, 'spec.rules').map(rule => String(rule['host'] || '*'))
      return hosts.length > 3 ? `${hosts.slice(0, 3).join(',')} + ${hosts.length - 3} more...` : hosts.join(',') || '*'
    }),
    text('Address', object =>
      listAt(object, 'status.loadBalancer.ingress')
        .map(entry => String(entry['ip'] || entry['hostname'] || ''))
        .join(','),
    ),
    text('Ports', object => (listAt(object, 'spec.tls').length > 0 ? '80, 443' : '80')),
    ageColumn,
  ),
  'networking.k8s.io/IngressClass': columns(
    text('Controller', object => stringAt(object, 'spec.controller')),
    text('Parameters', object => {
      const parameters = at(object, 'spec.parameters') as Record<string, string> | undefined
      if (parameters === undefined) return '<none>'
      const group = parameters['apiGroup']
      return `${parameters['kind']}${group ? `.${group}` : ''}/${parameters['name']}`
    }),
    ageColumn,
  ),
  'networking.k8s.io/NetworkPolicy': columns(
    text('Pod-Selector', object => selectorText(at(object, 'spec.podSelector'))),
    ageColumn,
  ),
  'discovery.k8s.io/EndpointSlice': columns(
    text('AddressType', object => stringAt(object, 'addressType')),
    text(
      'Ports',
      object =>
        listAt(object, 'ports')
          .map(port => String(port['port'] ?? '*'))
          .join(',') || '<unset>',
    ),
    text('Endpoints', object => {
      const all = listAt(object, 'endpoints').flatMap(endpoint => (endpoint['addresses'] as string[] | undefined) ?? [])
      if (all.length === 0) return '<unset>'
      return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',')
    }),
    ageColumn,
  ),
  'storage.k8s.io/StorageClass': columns(
    text('Provisioner', object => stringAt(object, 'provisioner')),
    text('ReclaimPolicy', object => stringAt(object, 'reclaimPolicy', 'Delete')),
    text('VolumeBindingMode', object => stringAt(object, 'volumeBindingMode', 'Immediate')),
    text('AllowVolumeExpansion', object => at(object, 'allowVolumeExpansion') === true),
    ageColumn,
  ),
  'storage.k8s.io/CSINode': columns(
    { name: 'Drivers', type: 'integer', priority: 0, cell: object => listAt(object, 'spec.drivers').length },
    ageColumn,
  ),
  'storage.k8s.io/VolumeAttachment': columns(
    text('Attacher', object => stringAt(object, 'spec.attacher')),
    text('PV', object => stringAt(object, 'spec.source.persistentVolumeName')),
    text('Node', object => stringAt(object, 'spec.nodeName')),
    yesNo('Attached', 'status.attached'),
    ageColumn,
  ),
  'scheduling.k8s.io/PriorityClass': columns(
    { name: 'Value', type: 'integer', priority: 0, cell: object => numberAt(object, 'value') },
    yesNo('Global-Default', 'globalDefault'),
    ageColumn,
    text('PreemptionPolicy', object => stringAt(object, 'preemptionPolicy', 'PreemptLowerPriority')),
  ),
  'node.k8s.io/RuntimeClass': columns(
    text('Handler', object => stringAt(object, 'handler')),
    ageColumn,
  ),
  'certificates.k8s.io/CertificateSigningRequest': columns(
    ageColumn,
    text('SignerName', object => stringAt(object, 'spec.signerName', '<none>')),
    text('Requestor', object => stringAt(object, 'spec.username')),
    text('RequestedDuration', object => {
      const seconds = at(object, 'spec.expirationSeconds')
      return typeof seconds === 'number' ? humanDuration(seconds * 1000) : '<none>'
    }),
    text('Condition', object => {
      const conditions = listAt(object, 'status.conditions').map(condition => String(condition['type']))
      const issued = stringAt(object, 'status.certificate') === '' ? [] : ['Issued']
      return [...(conditions.length === 0 ? ['Pending'] : conditions), ...issued].join(',')
    }),
  ),
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': webhooks,
  'apiextensions.k8s.io/CustomResourceDefinition': columns({
    name: 'Created At',
    type: 'date',
    priority: 0,
    cell: object => object.metadata.creationTimestamp ?? null,
  }),
  'apiregistration.k8s.io/APIService': columns(
    text('Service', object => {
      const service = at(object, 'spec.service') as Record<string, string> | undefined
      return service === undefined || service === null ? 'Local' : `${service['namespace']}/${service['name']}`
    }),
    text('Available', object => {
      const available = listAt(object, 'status.conditions').find(condition => condition['type'] === 'Available')
      if (available === undefined) return 'Unknown'
      return available['status'] === 'True' ? 'True' : `${String(available['status'])} (${String(available['reason'])})`
    }),
    { name: 'Age', type: 'date', priority: 0, cell: (object, now) => age(object.metadata.creationTimestamp, now) },
  ),
}
