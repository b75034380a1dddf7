import { defineErrors } from './define.ts'

/** Errors of the fleet area. */
export const fleetErrors = defineErrors({})
