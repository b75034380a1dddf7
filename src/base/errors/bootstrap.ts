import { defineErrors } from './define.ts'

/** Errors of the bootstrap area. */
export const bootstrapErrors = defineErrors({})
