import { hashOf } from '../hash.ts'
import type { Transformer } from '../transformer.ts'

/** Appends a hash of their content to the names of generated objects. */
export const hashTransformer: Transformer = map => {
  for (const resource of map.resources) {
    if (!resource.needsHash) continue
    const hash = hashOf(resource.node)
    resource.storePreviousId(map.scopes)
    resource.name = `${resource.name}-${hash}`
  }
}
