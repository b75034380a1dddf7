import { nameOfSchema, objectMetaSchema } from '../../../kube/schema/index.ts'
import type { Schema } from '../../../kube/schema/types.ts'

/** Names of schemas that builtin kinds share, for OpenAPI documents. */
export function sharedSchemas(): { definitionName(schema: Schema): string | undefined; objectMeta: Schema } {
  return { definitionName: nameOfSchema, objectMeta: objectMetaSchema }
}
