export type {
  AdmissionPlugin,
  AdmissionRequest,
  AdmissionResult,
} from './cluster/kinds/types.ts'
export type { ClusterOptions } from './cluster/options.ts'
export { keepHeapSmall } from './cluster/server-heap.ts'
export type { SandboxCluster } from './cluster/start.ts'
export { startCluster } from './cluster/start-with-workloads.ts'
