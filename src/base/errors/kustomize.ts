import { defineErrors } from './define.ts'

/** Errors of the kustomize area. */
export const kustomizeErrors = defineErrors({})
