export { type BuiltinResource, type BuiltinSubresource, builtinResources } from './builtin-resources.ts'
export { builtinSchemas, definitionName, nameOfSchema, schemaByName } from './builtin-schemas.ts'
export { objectMetaSchema } from './object-meta.ts'
export type * from './types.ts'
