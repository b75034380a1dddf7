export { type OpenapiDocument, openapiV2, openapiV3Document, openapiV3Index } from './documents.ts'
export type { OpenapiSource } from './source.ts'
