import { defineErrors } from './define.ts'

/** Errors of the layout area. */
export const layoutErrors = defineErrors({})
