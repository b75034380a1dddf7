/** A revision as Flux writes it: `main@sha1:<hash>`, or `sha256:` for repositories with long hashes. */
export function formatRevision(branch: string, commit: string): string {
  return `${branch}@sha${commit.length === 64 ? '256' : '1'}:${commit}`
}
