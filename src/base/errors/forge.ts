import { defineErrors } from './define.ts'

/** Errors of the forge area. */
export const forgeErrors = defineErrors({})
