import type { ClusterState } from '../../cluster-state.ts'
import { deleteObject } from '../../write/delete.ts'
import { readListOptions } from '../list-options.ts'
import { itemText } from '../present.ts'
import type { Answer, ResourceRequest } from '../request.ts'
import { StatusError } from '../status.ts'
import { deleteOptionsOf, deleteWrite } from './delete.ts'
import { selectPage } from './list.ts'

/** Deletes every selected object of a collection; answers with the list of what was there. */
export async function deleteCollectionVerb(cluster: ClusterState, request: ResourceRequest): Promise<Answer> {
  const options = await deleteOptionsOf(request)
  const page = selectPage(cluster, request, readListOptions(request.kind, request.query, false))
  const items: string[] = []
  for (const record of page.records) {
    try {
      const write = deleteWrite(request, options, record.name, record.namespace)
      items.push(itemText(request.kind, (await deleteObject(cluster, write, options)).json))
    } catch (error) {
      // Somebody else was faster: what is not there needs no deletion.
      if (!(error instanceof StatusError) || error.code !== 404) throw error
    }
  }
  const { definition, apiVersion } = request.kind
  const head = `{"kind":${JSON.stringify(definition.listKind)},"apiVersion":${JSON.stringify(apiVersion)}`
  return { status: 200, json: `${head},"metadata":${JSON.stringify(page.metadata)},"items":[${items.join(',')}]}` }
}
