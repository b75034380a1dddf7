import { nameOfSchema, objectMetaSchema, schemaByName } from '../../../kube/schema/index.ts'
import type { OpenapiSource } from '../openapi/index.ts'

/** Names of schemas that builtin kinds share, for OpenAPI documents. */
export function sharedSchemas(): Pick<OpenapiSource, 'definitionName' | 'schemaByName' | 'objectMeta'> {
  return { definitionName: nameOfSchema, schemaByName, objectMeta: objectMetaSchema }
}
