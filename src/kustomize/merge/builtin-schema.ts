import type { MergeSchema, MergeSchemas } from './merge-schema.ts'

/**
 * The merging lists of builtin kinds, written as `field: shape`. `[key,…]` after a shape marks a list that merges by
 * these keys, `[]` one of scalars; lists that are not named here are replaced as a whole.
 * This is the OpenAPI of Kubernetes 1.21, the version that kustomize 5 has built in: a patch must merge here as it
 * merges there, so newer fields stay out even where Kubernetes itself has merge keys for them by now.
 */
interface Shape {
  readonly fields?: Readonly<Record<string, Shape>>
  readonly keys?: readonly string[]
  readonly items?: Shape
}

const empty: Shape = {}
const byKeys = (items: Shape, ...keys: string[]): Shape => ({ items, keys })
const listOf = (items: Shape): Shape => ({ items })
const scalars: Shape = { keys: [] }
const conditions = byKeys(empty, 'type')

const metadata: Shape = { fields: { finalizers: scalars, ownerReferences: byKeys(empty, 'uid') } }
const container: Shape = {
  fields: {
    env: byKeys(empty, 'name'),
    ports: byKeys(empty, 'containerPort', 'protocol'),
    volumeDevices: byKeys(empty, 'devicePath'),
    volumeMounts: byKeys(empty, 'mountPath'),
  },
}
const claim: Shape = { fields: { metadata, status: { fields: { conditions } } } }
const podSpec: Shape = {
  fields: {
    containers: byKeys(container, 'name'),
    ephemeralContainers: byKeys(container, 'name'),
    hostAliases: byKeys(empty, 'ip'),
    imagePullSecrets: byKeys(empty, 'name'),
    initContainers: byKeys(container, 'name'),
    topologySpreadConstraints: byKeys(empty, 'topologyKey', 'whenUnsatisfiable'),
    volumes: byKeys({ fields: { ephemeral: { fields: { volumeClaimTemplate: { fields: { metadata } } } } } }, 'name'),
  },
}
const podTemplate: Shape = { fields: { metadata, spec: podSpec } }
const withStatus = (spec: Shape): Shape => ({ fields: { metadata, spec, status: { fields: { conditions } } } })
const workload = withStatus({ fields: { template: podTemplate } })
const plain: Shape = { fields: { metadata } }
const conditioned = withStatus(empty)
const jobSpec: Shape = { fields: { template: podTemplate } }
const cronJob: Shape = {
  fields: { metadata, spec: { fields: { jobTemplate: { fields: { metadata, spec: jobSpec } } } } },
}
const webhooks: Shape = { fields: { metadata, webhooks: byKeys(empty, 'name') } }

const kinds: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  v1: {
    Binding: plain,
    ComponentStatus: { fields: { metadata, conditions } },
    ConfigMap: plain,
    Endpoints: plain,
    Event: plain,
    LimitRange: plain,
    Namespace: conditioned,
    Node: {
      fields: {
        metadata,
        spec: { fields: { podCIDRs: scalars } },
        status: { fields: { addresses: byKeys(empty, 'type'), conditions } },
      },
    },
    PersistentVolume: plain,
    PersistentVolumeClaim: claim,
    Pod: {
      fields: { metadata, spec: podSpec, status: { fields: { conditions, podIPs: byKeys(empty, 'ip') } } },
    },
    PodTemplate: { fields: { metadata, template: podTemplate } },
    ReplicationController: workload,
    ResourceQuota: plain,
    Secret: plain,
    Service: {
      fields: {
        metadata,
        spec: { fields: { ports: byKeys(empty, 'port', 'protocol') } },
        status: { fields: { conditions } },
      },
    },
    ServiceAccount: { fields: { metadata, secrets: byKeys(empty, 'name') } },
  },
  'admissionregistration.k8s.io/v1': {
    MutatingWebhookConfiguration: webhooks,
    ValidatingWebhookConfiguration: webhooks,
  },
  'admissionregistration.k8s.io/v1beta1': {
    MutatingWebhookConfiguration: webhooks,
    ValidatingWebhookConfiguration: webhooks,
  },
  'apiextensions.k8s.io/v1': { CustomResourceDefinition: plain },
  'apiextensions.k8s.io/v1beta1': { CustomResourceDefinition: plain },
  'apiregistration.k8s.io/v1': { APIService: conditioned },
  'apiregistration.k8s.io/v1beta1': { APIService: conditioned },
  'apps/v1': {
    ControllerRevision: plain,
    DaemonSet: workload,
    Deployment: workload,
    ReplicaSet: workload,
    StatefulSet: withStatus({ fields: { template: podTemplate, volumeClaimTemplates: listOf(claim) } }),
  },
  'autoscaling/v1': { HorizontalPodAutoscaler: plain, Scale: plain },
  'autoscaling/v2beta1': { HorizontalPodAutoscaler: plain },
  'autoscaling/v2beta2': { HorizontalPodAutoscaler: plain },
  'batch/v1': { CronJob: cronJob, Job: withStatus(jobSpec) },
  'batch/v1beta1': { CronJob: cronJob },
  'certificates.k8s.io/v1': { CertificateSigningRequest: plain },
  'certificates.k8s.io/v1beta1': { CertificateSigningRequest: plain },
  'coordination.k8s.io/v1': { Lease: plain },
  'coordination.k8s.io/v1beta1': { Lease: plain },
  'discovery.k8s.io/v1': { EndpointSlice: plain },
  'discovery.k8s.io/v1beta1': { EndpointSlice: plain },
  'events.k8s.io/v1': { Event: plain },
  'events.k8s.io/v1beta1': { Event: plain },
  'extensions/v1beta1': { Ingress: plain },
  'flowcontrol.apiserver.k8s.io/v1beta1': { FlowSchema: conditioned, PriorityLevelConfiguration: conditioned },
  'networking.k8s.io/v1': { Ingress: plain, IngressClass: plain, NetworkPolicy: plain },
  'networking.k8s.io/v1beta1': { Ingress: plain, IngressClass: plain },
  'node.k8s.io/v1': { RuntimeClass: plain },
  'node.k8s.io/v1beta1': { RuntimeClass: plain },
  'policy/v1': { PodDisruptionBudget: conditioned },
  'policy/v1beta1': { PodDisruptionBudget: plain, PodSecurityPolicy: plain },
  'rbac.authorization.k8s.io/v1': { ClusterRole: plain, ClusterRoleBinding: plain, Role: plain, RoleBinding: plain },
  'rbac.authorization.k8s.io/v1beta1': {
    ClusterRole: plain,
    ClusterRoleBinding: plain,
    Role: plain,
    RoleBinding: plain,
  },
  'scheduling.k8s.io/v1': { PriorityClass: plain },
  'scheduling.k8s.io/v1beta1': { PriorityClass: plain },
  'storage.k8s.io/v1': {
    CSIDriver: plain,
    CSINode: { fields: { metadata, spec: { fields: { drivers: byKeys(empty, 'name') } } } },
    StorageClass: plain,
    VolumeAttachment: plain,
  },
  'storage.k8s.io/v1beta1': {
    CSIDriver: plain,
    CSINode: { fields: { metadata, spec: { fields: { drivers: byKeys(empty, 'name') } } } },
    CSIStorageCapacity: plain,
    StorageClass: plain,
    VolumeAttachment: plain,
  },
}

const made = new Map<Shape, MergeSchema>()

function schemaOf(shape: Shape): MergeSchema {
  const known = made.get(shape)
  if (known !== undefined) return known
  const schema: MergeSchema = {
    merges: shape.keys !== undefined,
    keys: shape.keys ?? [],
    field: name => {
      const field = shape.fields !== undefined && Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined
      return schemaOf(field ?? empty)
    },
    get items() {
      return shape.items === undefined ? undefined : schemaOf(shape.items)
    },
  }
  made.set(shape, schema)
  return schema
}

/** The schemas that kustomize has built in. */
export const builtinMergeSchemas: MergeSchemas = {
  of: (apiVersion, kind) => {
    const group = Object.hasOwn(kinds, apiVersion) ? kinds[apiVersion]! : {}
    const shape = Object.hasOwn(group, kind) ? group[kind] : undefined
    return shape === undefined ? undefined : schemaOf(shape)
  },
}
