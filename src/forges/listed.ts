import { isObject } from '../base/json.ts'
import type { TransportAnswer } from './transport.ts'

/** With pages of a thousand: more than anybody has, and an end for a host whose list has none. */
const mostPages = 20

/**
 * Looks for one entry in the `values` of a list of Bitbucket, page by page. `next` gives what asks for the following page; undefined
 * at the last one. Undefined when the host does not tell, or when the list has no end.
 */
export async function findListed<N>(
  ask: (at: N | undefined) => Promise<TransportAnswer>,
  next: (body: Record<string, unknown>, page: number) => N | undefined,
  wanted: (entry: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown> | 'none' | undefined> {
  let at: N | undefined
  for (let page = 1; page <= mostPages; page++) {
    const { status, body } = await ask(at)
    if (status !== 200 || !isObject(body)) return undefined
    const entries = Array.isArray(body['values']) ? body['values'].filter(isObject) : []
    const found = entries.find(wanted)
    if (found !== undefined) return found
    at = next(body, page)
    if (at === undefined) return 'none'
  }
  return undefined
}
