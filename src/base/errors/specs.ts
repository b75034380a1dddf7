import { defineErrors } from './define.ts'

/** Errors of the specs area. */
export const specsErrors = defineErrors({})
