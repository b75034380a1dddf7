import type { BuildContext } from './context.ts'
import { Failure } from './failure.ts'
import type { Kustomization } from './kustomization.ts'
import type { Loader } from './loader.ts'
import { parseOpenApi } from './merge/openapi-schema.ts'

/** The one version that kustomize 5 has built in. */
const builtinVersion = 'v1.21.2'

/**
 * Puts the schema of an `openapi` field to use: a file, or a version that is built in. Only the first one of a build
 * counts.
 */
export async function useOpenApi(
  field: Kustomization['openapi'],
  loader: Loader,
  context: BuildContext,
): Promise<void> {
  if (field === undefined || Object.keys(field).length === 0) return
  const { path, version } = field
  const text = path === undefined ? undefined : await loader.text(path)
  if (context.schemaIsSet) return
  if (version !== undefined && text !== undefined) {
    throw new Failure('builtin version and custom schema provided, cannot use both')
  }
  if (text !== undefined) {
    const { schemas, scopes } = parseOpenApi(text)
    context.useSchema(schemas, scopes)
  } else if (version !== undefined && version !== '' && version !== builtinVersion) {
    throw new Failure('the specified OpenAPI version is not built in')
  } else if (version) context.schemaIsSet = true
}
