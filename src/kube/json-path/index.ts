export { findJsonPath } from './find.ts'
export { type JsonPath, parseJsonPath } from './parse.ts'
export { printJsonPathValue } from './print.ts'
