/** `main@3f2a9c1` for `main@sha1:3f2a9c1…`. */
export function shortRevision(revision: string | undefined): string | undefined {
  return revision?.replace(/(^|@)sha(?:1|256):([0-9a-f]{7})[0-9a-f]*$/, '$1$2')
}
