import { defineErrors } from './define.ts'

/** Errors of the machines area. */
export const machinesErrors = defineErrors({})
