import { defineErrors } from './define.ts'

/** Errors of the merge area. */
export const mergeErrors = defineErrors({})
