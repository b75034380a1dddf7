import { defineErrors } from './define.ts'

/** Errors of the engine area. */
export const engineErrors = defineErrors({})
