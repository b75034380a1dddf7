export { computeHealth } from './health.ts'
export type * from './types.ts'
