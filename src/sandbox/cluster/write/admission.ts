import type { FieldError } from '../../../kube/field-error.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { ClusterState } from '../cluster-state.ts'
import { forbidden, invalid, StatusError } from '../http/status.ts'
import type { AdmissionPlugin } from '../kinds/types.ts'
import type { WriteRequest } from './write-request.ts'

/** The plugins that want to see a write; usually none, and then nothing has to be awaited. */
export function pluginsFor(cluster: ClusterState, request: WriteRequest): readonly AdmissionPlugin[] {
  if (cluster.admission.length === 0) return cluster.admission
  const { definition, version } = request.kind
  const gvk = { group: definition.group, version: version.version, kind: definition.kind }
  return cluster.admission.filter(plugin => plugin.handles(gvk))
}

/** Asks the plugins in turn; throws 403 or 422 as the first one that minds has it. */
export async function review(
  plugins: readonly AdmissionPlugin[],
  request: WriteRequest,
  operation: 'CREATE' | 'UPDATE' | 'DELETE',
  object: KubeObject | undefined,
  oldObject: KubeObject | undefined,
): Promise<void> {
  const { definition, version } = request.kind
  const name = object?.metadata.name ?? oldObject?.metadata.name ?? ''
  for (const plugin of plugins) {
    const result = await plugin.review({
      operation,
      gvk: { group: definition.group, version: version.version, kind: definition.kind },
      subresource: request.subresource,
      object,
      oldObject,
      dryRun: request.options.dryRun,
      user: request.user.name,
    })
    if (result.warnings) request.warnings.push(...result.warnings)
    if (result.denied !== undefined) {
      const subject = { group: definition.group, resource: definition.plural, name }
      throw new StatusError(
        403,
        'Forbidden',
        `admission webhook "${plugin.name}" denied the request: ${result.denied}`,
        forbidden(subject, '').status.details,
      )
    }
    const errors: readonly FieldError[] = result.fieldErrors ?? []
    if (errors.length > 0) throw invalid({ group: definition.group, resource: definition.kind, name }, errors)
  }
}
