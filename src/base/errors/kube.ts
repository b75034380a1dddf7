import { defineErrors } from './define.ts'

/** Errors of the kube area. */
export const kubeErrors = defineErrors({})
