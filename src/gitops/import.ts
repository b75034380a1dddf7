import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { unifiedDiff } from '../base/text-diff.ts'
import type { FleetSync } from '../fleet/find-sync.ts'
import { guardrailsFiles } from '../fleet/guardrails.ts'
import type { FleetRepository } from '../fleet/repository-remote.ts'
import { code, type ReviewEvent, type ReviewMode, reviewWanted, writeChange } from '../forges/changes/index.ts'
import { type CommitAuthor, type CommitSigner, type FileChange, remoteDefaultBranch, withMirror } from '../git/index.ts'
import { type FleetFolder, findFleets, type Marker, markerFile, markerPath, readMarker } from '../layout/index.ts'
import { coveredBy, type FleetReport, fleetReport, outsideOf } from './import-report.ts'
import { overlayTree } from './overlay-tree.ts'
import { type Rendering, refuseDifferent, renderFleet } from './rendering.ts'

/** Of the commit that an import makes. */
export const importMessage =
  'Let Sluice manage this repository\n\nMade by sluice import. Nothing that is applied changes.\n'

/** A repository that others made, to be managed by Sluice from now on. */
export interface ImportRequest {
  readonly repository: FleetRepository
  /** The branch; the one that the cluster follows, or the repository's default branch, when absent. */
  readonly branch?: string | undefined
  /** What a cluster follows: it must be in the repository. Without it the repository alone is looked at. */
  readonly sync?: FleetSync | undefined
  /** Text of `sluice.yaml`, checked before. */
  readonly guardrails?: string | undefined
  /** Whether a repository with content that nothing explains is taken over too; that content stays as it is. */
  readonly adopt: boolean
  readonly dryRun: boolean
  readonly dataDir: string
  readonly review: ReviewMode
  readonly reviewTimeoutMs?: number | undefined
  readonly onReview?: (event: ReviewEvent) => void
  readonly author: CommitAuthor
  readonly committer?: CommitAuthor | undefined
  readonly signer?: CommitSigner | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** What an import found, and what it adds. */
export interface ImportPlan {
  readonly repository: { readonly owner: string; readonly name: string; readonly url: string; readonly branch: string }
  /** The commit that was looked at. */
  readonly tip: string
  readonly fleets: readonly FleetReport[]
  /** What at the root of the repository belongs to no fleet. */
  readonly outside: readonly string[]
  /** Each folder that was built before and after, with the number of objects, which are the same. */
  readonly proof: readonly { readonly kustomization: string; readonly path: string; readonly objects: number }[]
  readonly files: readonly { readonly path: string; readonly action: 'create' | 'keep'; readonly diff: string }[]
  /** Why the files come by a request; undefined when they are pushed. */
  readonly review: string | undefined
  /** Why it is not carried out without `--adopt`. */
  readonly refusal: SluiceError | undefined
}

export interface ImportResult extends ImportPlan {
  /** The commit that has the marker; undefined for a dry run. */
  readonly commit: string | undefined
  /** False when the repository was managed already. */
  readonly pushed: boolean
  readonly pullRequest?: string
}

/**
 * Looks at a repository, proves that what Sluice adds changes nothing of what is applied, and adds it: the marker, and
 * guardrails when they are given. The proof is made anew on the very tip that the push meets.
 *
 * @throws E_IMPORT_…, E_BOOTSTRAP_NOT_ADOPTED, E_BOOTSTRAP_PATH_IN_USE for another marker, E_FLEET_GUARDRAILS_INVALID, E_GIT_…
 */
export async function importRepository(
  request: ImportRequest,
  onPlan: (plan: ImportPlan) => void = () => {},
): Promise<ImportResult> {
  const { repository, signal } = request
  const { forge, owner, name, remote } = repository
  const branch = request.branch ?? request.sync?.branch ?? (await remoteDefaultBranch(remote, { signal })) ?? 'main'
  return await withMirror(request, 'import', async mirror => {
    const { commit: tip } = await mirror.fetch(remote, `refs/heads/${branch}`, { signal })
    const { changes, ...found } = await lookAt(request, mirror.tree(tip))
    const at = { forge, owner, repository: name, branch, signal }
    const plan: ImportPlan = {
      repository: { owner, name, url: remote.url, branch },
      tip,
      ...found,
      review: changes.length === 0 ? undefined : await reviewWanted(at, request.review),
    }
    onPlan(plan)
    if (request.dryRun) return { ...plan, commit: undefined, pushed: false }
    if (plan.refusal) throw plan.refusal
    if (changes.length === 0) return { ...plan, commit: tip, pushed: false }
    const written = await writeChange({
      ...at,
      mode: request.review,
      key: 'import',
      describe: () => ({
        what: [`The marker ${code(markerPath)}, which says that Sluice manages this repository`],
        why: `Asked for with ${code('sluice import')}. What is applied stays the same, object for object.`,
        after: 'Sluice manages the repository from then on.',
      }),
      mirror,
      remote,
      edit: async tree => {
        const now = await lookAt(request, tree)
        if (now.refusal) throw now.refusal
        return now.changes
      },
      message: importMessage,
      author: request.author,
      ...(request.committer && { committer: request.committer }),
      signer: request.signer,
      reviewTimeoutMs: request.reviewTimeoutMs,
      onReview: request.onReview,
      clock: request.clock,
    })
    const { commit, pushed, request: reviewed } = written
    return { ...plan, commit, pushed, ...(reviewed && { pullRequest: reviewed.url }) }
  })
}

async function lookAt(request: ImportRequest, tree: FileTree) {
  const marker = await readMarker(tree)
  refuseMarker(marker)
  const fleets = await findFleets(tree, request.signal)
  const { owner, name } = request.repository
  if (fleets.length === 0) throw new SluiceError('E_IMPORT_NOTHING', { object: `${owner}/${name}` })
  refuseOtherFleet(request, fleets)
  const changes = await changesOf(request, tree, marker)
  const after = overlayTree(tree, changes)
  const proof: Rendering[] = []
  const covered: string[] = []
  for (const fleet of fleets) {
    const before = await renderFleet(tree, fleet, request.signal)
    refuseDifferent(before, changes.length === 0 ? before : await renderFleet(after, fleet, request.signal))
    proof.push(...before)
    covered.push(...coveredBy(before))
  }
  const reports = await Promise.all(fleets.map(fleet => fleetReport(tree, fleet, covered)))
  const outside = await outsideOf(tree, fleets, covered)
  const foreign = [...outside, ...reports.flatMap(report => report.notUnderstood)]
  const isRefused = marker !== 'ours' && foreign.length > 0 && !request.adopt
  return {
    changes,
    fleets: reports,
    outside,
    proof: proof.map(one => ({ kustomization: one.name, path: one.path, objects: one.objects.length })),
    files: await Promise.all(
      [markerPath, ...(request.guardrails === undefined ? [] : [guardrailsFiles[0]])].map(async path => {
        const change = changes.find(one => one.path === path)
        const diff = change ? unifiedDiff(path, undefined, String(change.content)) : ''
        return { path, action: change ? ('create' as const) : ('keep' as const), diff }
      }),
    ),
    refusal: isRefused
      ? new SluiceError('E_BOOTSTRAP_NOT_ADOPTED', {
          object: `${owner}/${name}`,
          expected: 'nothing but what EKS Anywhere, flux bootstrap and their Kustomizations made',
          seen: `${foreign.slice(0, 5).join(', ')}${foreign.length > 5 ? ` and ${foreign.length - 5} more` : ''}`,
          next: 'Run the command again with --adopt: everything that is there stays as it is.',
        })
      : undefined,
  }
}

function refuseMarker(marker: Marker): void {
  if (marker === 'absent' || marker === 'ours') return
  throw new SluiceError('E_BOOTSTRAP_PATH_IN_USE', {
    object: markerPath,
    expected: 'the marker of this version of Sluice, or no such file',
    seen: marker === 'newer' ? 'the marker of a later version' : 'a file that Sluice did not make',
    next: marker === 'newer' ? 'Use that version of Sluice.' : `Rename ${markerPath}, then run the command again.`,
  })
}

/** What the cluster follows must be what the repository says; else a marker would be put beside something else. */
function refuseOtherFleet({ sync }: ImportRequest, fleets: readonly FleetFolder[]): void {
  if (!sync || fleets.some(fleet => fleet.place.clusterConfigPath === sync.path)) return
  throw new SluiceError('E_IMPORT_NOT_FOLLOWED', {
    object: `Kustomization/${sync.namespace}/${sync.kustomizationName}`,
    expected: `gotk-sync.yaml below ${sync.path === '' ? 'the root' : sync.path}`,
    seen: fleets.map(fleet => fleet.found.sync.path).join(', '),
  })
}

async function changesOf({ guardrails }: ImportRequest, tree: FileTree, marker: Marker): Promise<FileChange[]> {
  const changes: FileChange[] = marker === 'ours' ? [] : [{ path: markerPath, content: markerFile }]
  if (guardrails === undefined) return changes
  for (const path of guardrailsFiles) {
    const there = (await tree.read(path))?.toString('utf8')
    if (there === guardrails && path === guardrailsFiles[0]) return changes
    if (there !== undefined) {
      throw new SluiceError('E_FLEET_GUARDRAILS_INVALID', {
        object: path,
        expected: 'no guardrails yet, or the same ones',
        seen: 'other guardrails in Git',
        next: `Leave --guardrails out, and change ${path} by a commit.`,
      })
    }
  }
  return [...changes, { path: guardrailsFiles[0], content: guardrails }]
}
