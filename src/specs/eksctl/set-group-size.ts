import { isObject } from '../../base/json.ts'
import { editYaml, parseYamlStream } from '../../kube/yaml/index.ts'
import { eksctlApiVersion } from './cluster-config-schema.ts'
import type { GroupKind } from './group-sizes.ts'

/** Fields of a group's size to set; the others stay as they are. */
export interface GroupSizeChange {
  readonly desiredCapacity?: number
  readonly minSize?: number
  readonly maxSize?: number
}

/**
 * The text of a ClusterConfig with the size of one group changed: comments, order and every other byte stay. Undefined when
 * the file has no such group.
 *
 * @throws E_YAML_EDIT when the group stands behind an alias.
 */
export function setGroupSize(text: string, kind: GroupKind, name: string, change: GroupSizeChange): string | undefined {
  const list = kind === 'managed' ? 'managedNodeGroups' : 'nodeGroups'
  for (const { value, index } of parseYamlStream(text)) {
    if (!isObject(value) || value['apiVersion'] !== eksctlApiVersion || !Array.isArray(value[list])) continue
    const at = value[list].findIndex(group => isObject(group) && group['name'] === name)
    if (at < 0) continue
    const edits = Object.entries(change).map(([field, size]) => ({
      document: index,
      path: [list, at, field],
      value: size as unknown,
    }))
    return editYaml(text, edits)
  }
  return undefined
}
