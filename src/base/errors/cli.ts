import { defineErrors } from './define.ts'

/** Errors of the cli area. */
export const cliErrors = defineErrors({})
