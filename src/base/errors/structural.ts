import { defineErrors } from './define.ts'

/** Errors of the structural area. */
export const structuralErrors = defineErrors({})
