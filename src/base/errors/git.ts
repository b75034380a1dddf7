import { defineErrors } from './define.ts'

/** Errors of the git area. */
export const gitErrors = defineErrors({})
