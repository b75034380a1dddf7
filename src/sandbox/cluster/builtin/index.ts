import type { KindStrategy, TableColumns } from '../kinds/types.ts'
import { builtinColumns as columnsOf } from '../tables/builtin-columns.ts'
import { autoscalerStrategy } from './autoscaling.ts'
import { configMapStrategy } from './config-map.ts'
import { cronJobStrategy } from './cron-job.ts'
import { daemonSetStrategy } from './daemon-set.ts'
import { deploymentStrategy } from './deployment.ts'
import { eventStrategy, newEventStrategy } from './event.ts'
import { jobStrategy } from './job.ts'
import { leaseStrategy } from './lease.ts'
import { namespaceStrategy } from './namespace.ts'
import { ingressStrategy, networkPolicyStrategy } from './networking.ts'
import { nodeStrategy } from './node.ts'
import { podStrategy } from './pod.ts'
import { disruptionBudgetStrategy } from './policy.ts'
import { bindingStrategies, roleStrategies } from './rbac.ts'
import { replicaSetStrategy } from './replica-set.ts'
import { secretStrategy } from './secret.ts'
import { serviceStrategy } from './service.ts'
import {
  endpointSliceStrategy,
  endpointsStrategy,
  limitRangeStrategy,
  priorityClassStrategy,
  resourceQuotaStrategy,
  serviceAccountStrategy,
  webhookStrategies,
} from './small-kinds.ts'
import { statefulSetStrategy } from './stateful-set.ts'
import { claimStrategy, storageClassStrategy, volumeStrategy } from './storage.ts'

const strategies: Readonly<Record<string, KindStrategy>> = {
  '/ConfigMap': configMapStrategy,
  '/Endpoints': endpointsStrategy,
  '/Event': eventStrategy,
  '/LimitRange': limitRangeStrategy,
  '/Namespace': namespaceStrategy,
  '/Node': nodeStrategy,
  '/PersistentVolume': volumeStrategy,
  '/PersistentVolumeClaim': claimStrategy,
  '/Pod': podStrategy,
  '/ResourceQuota': resourceQuotaStrategy,
  '/Secret': secretStrategy,
  '/Service': serviceStrategy,
  '/ServiceAccount': serviceAccountStrategy,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': webhookStrategies.mutating,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': webhookStrategies.validating,
  'apps/DaemonSet': daemonSetStrategy,
  'apps/Deployment': deploymentStrategy,
  'apps/ReplicaSet': replicaSetStrategy,
  'apps/StatefulSet': statefulSetStrategy,
  'autoscaling/HorizontalPodAutoscaler': autoscalerStrategy,
  'batch/CronJob': cronJobStrategy,
  'batch/Job': jobStrategy,
  'coordination.k8s.io/Lease': leaseStrategy,
  'discovery.k8s.io/EndpointSlice': endpointSliceStrategy,
  'events.k8s.io/Event': newEventStrategy,
  'networking.k8s.io/Ingress': ingressStrategy,
  'networking.k8s.io/NetworkPolicy': networkPolicyStrategy,
  'policy/PodDisruptionBudget': disruptionBudgetStrategy,
  'rbac.authorization.k8s.io/ClusterRole': roleStrategies.ClusterRole,
  'rbac.authorization.k8s.io/ClusterRoleBinding': bindingStrategies.ClusterRoleBinding,
  'rbac.authorization.k8s.io/Role': roleStrategies.Role,
  'rbac.authorization.k8s.io/RoleBinding': bindingStrategies.RoleBinding,
  'scheduling.k8s.io/PriorityClass': priorityClassStrategy,
  'storage.k8s.io/StorageClass': storageClassStrategy,
}

/** The rules of a builtin kind; undefined: the kind has none beyond its schema and its metadata. */
export function builtinStrategy(group: string, kind: string): KindStrategy | undefined {
  return strategies[`${group}/${kind}`]
}

/** The table columns of a builtin kind; undefined: it shows when it was created. */
export function builtinColumns(group: string, kind: string): TableColumns | undefined {
  return columnsOf(group, kind)
}
