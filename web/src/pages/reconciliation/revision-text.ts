/** `main@sha1:3f2a…` as people say it: seven digits of the commit; a version or digest, shortened. */
export function commitOf(revision: string | undefined): string | undefined {
  if (revision === undefined) return undefined
  const commit = /(?:^|@)(?:sha1|sha256):([0-9a-f]{7})/.exec(revision)?.[1]
  return commit ?? (revision.length > 14 ? `${revision.slice(0, 13)}…` : revision)
}
