export { startWorkloads, type Workloads, type WorkloadsOptions } from './start.ts'
