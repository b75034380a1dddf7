import { builtinMergeSchemas } from './merge/builtin-schema.ts'
import type { MergeSchemas } from './merge/merge-schema.ts'
import { builtinScopes, type Scopes } from './scope.ts'

/** What one build shares: which schemas are in use. The first `openapi` field that is met decides, as in kustomize. */
export class BuildContext {
  schemas: MergeSchemas = builtinMergeSchemas
  /** Whether an `openapi` field was met. */
  schemaIsSet = false
  readonly #extra: { scopes: Scopes | undefined } = { scopes: undefined }
  /** The scopes of the build; the same object throughout, so that it can be handed on early. */
  readonly scopes: Scopes = {
    isClusterScoped: gvk => builtinScopes.isClusterScoped(gvk) || (this.#extra.scopes?.isClusterScoped(gvk) ?? false),
  }

  /** Uses a custom OpenAPI document from now on. */
  useSchema(schemas: MergeSchemas, scopes: Scopes): void {
    this.schemas = schemas
    this.#extra.scopes = scopes
    this.schemaIsSet = true
  }
}
