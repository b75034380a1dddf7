export { builtinColumns } from './builtin-columns.ts'
export { customColumns } from './custom-columns.ts'
export { age, humanDuration } from './human-duration.ts'
