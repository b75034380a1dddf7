export { type ErrorEntry, type ExitClass, exitCodes } from './define.ts'
export { type ErrorCode, errorAreas, errorCodesSorted, errorEntry } from './registry.ts'
export { asSluiceError, diskWords, type ErrorFacts, SluiceError } from './sluice-error.ts'
