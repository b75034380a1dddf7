import type { GitRepository } from '../../specs/flux/git-repository.ts'

type RefSpec = NonNullable<GitRepository['spec']['ref']>

/** What a GitRepository follows. */
export type FollowedRef =
  /** A ref of the remote by its full name; `label` is how a revision names it. */
  | { readonly kind: 'ref'; readonly ref: string; readonly label: string }
  /** One commit; with `branch`, one that is looked for on that branch. */
  | { readonly kind: 'commit'; readonly commit: string; readonly branch: string | undefined }
  /** The tag with the highest version in a range. */
  | { readonly kind: 'semver'; readonly range: string }

/** Precedence of Flux: commit, name, semver, tag, branch; `master` when nothing is said. */
export function followedRef(spec: RefSpec | undefined): FollowedRef {
  if (spec?.commit) return { kind: 'commit', commit: spec.commit, branch: spec.branch || undefined }
  if (spec?.name) return { kind: 'ref', ref: spec.name, label: spec.name }
  if (spec?.semver) return { kind: 'semver', range: spec.semver }
  if (spec?.tag) return { kind: 'ref', ref: `refs/tags/${spec.tag}`, label: spec.tag }
  const branch = spec?.branch || 'master'
  return { kind: 'ref', ref: `refs/heads/${branch}`, label: branch }
}

/** A revision as Flux writes it (RFC-0005): `main@sha1:<commit>`, or `sha1:<commit>` without a named ref. */
export function formatRevision(label: string | undefined, commit: string): string {
  const hash = `${commit.length === 64 ? 'sha256' : 'sha1'}:${commit}`
  return label === undefined || label === '' ? hash : `${label}@${hash}`
}

/** The commit of a revision, also in the form that Flux wrote before RFC-0005 (`main/<commit>`). */
export function commitOfRevision(revision: string): string | undefined {
  return (
    /(?:^|@)sha(?:1|256):([0-9a-f]{40}|[0-9a-f]{64})$/.exec(revision)?.[1] ?? /\/([0-9a-f]{40})$/.exec(revision)?.[1]
  )
}
