import { defineErrors } from './define.ts'

/** Errors of the cluster area. */
export const clusterErrors = defineErrors({})
