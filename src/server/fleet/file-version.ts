import { createHash } from 'node:crypto'

/** What a text of a cluster's file is known by: an edit says which one it was made from. */
export function fileVersion(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
