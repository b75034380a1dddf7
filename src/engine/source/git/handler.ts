import type { FileTree } from '../../../base/file-tree.ts'
import { jsonEqual } from '../../../base/json.ts'
import type { GitRepository } from '../../../specs/flux/git-repository.ts'
import { messageOf, StepFailure } from '../../failure.ts'
import { ArchiveTree } from '../archive/archive-tree.ts'
import { filesOf, packTree } from '../archive/pack.ts'
import { type Artifact, artifactOf, isGitTree } from '../artifact.ts'
import { FilteredTree } from '../filtered-tree.ts'
import type { SourceHandler, SourceJob, SourceOutcome } from '../handler.ts'
import { Exclusions, IgnoreFiles } from '../ignore.ts'
import { followedRef } from '../ref.ts'
import type { SourceObject } from '../sources.ts'
import { SparseTree } from '../sparse-tree.ts'
import { type Fetch, fetchFailure, fetchSource } from './fetch.ts'
import { includedArtifacts, includedFiles, sameIncludes } from './include.ts'
import { remoteOf } from './remote.ts'
import { submoduleFiles } from './submodules.ts'
import { verifySignatures } from './verify.ts'

type Git = GitRepository & SourceObject

/** GitRepository: a ref of a repository, read from git objects; packed only where a file is needed. */
export const gitRepositoryHandler: SourceHandler = {
  kind: 'GitRepository',
  failureReason: 'GitOperationFailed',
  run: job => run(job as unknown as SourceJob<Git>),
  async check(context, object, artifact) {
    if (!isGitTree(artifact)) return context.storage.check(artifact)
    return (await context.snapshots.holds(object as unknown as Git, artifact)) ? 'intact' : 'missing'
  },
}

async function run(job: SourceJob<Git>): Promise<SourceOutcome> {
  const { context, object, signal, timeoutMs } = job
  const { spec } = object
  const bounds = { signal, timeoutMs }
  const remote = await remoteOf(context, object, signal)
  const included = includedArtifacts(object, context.sources)
  const fetched = await fetchSource(object, remote, followedRef(spec.ref), context.snapshots, bounds)
  await checkSparse(fetched, spec.sparseCheckout)
  const verified = await verifySignatures({
    object,
    mirror: fetched.mirror,
    commit: fetched.commit,
    tag: fetched.tag,
    readSecret: context.readSecret,
    signal,
  })
  const artifact =
    unchanged(job, fetched, included) ??
    (needsFile(job) ? await pack(job, fetched, remote) : treeArtifact(job, fetched))
  const subject = [...fetched.subject]
  const message = `stored artifact for revision '${fetched.revision}'`
  const before = object.status?.artifact?.revision
  return {
    artifact,
    reason: 'Succeeded',
    message,
    news: `stored artifact for commit '${subject.length > 50 ? `${subject.slice(0, 50).join('')}...` : fetched.subject}'`,
    verified,
    observed: {
      observedIgnore: spec.ignore,
      observedSparseCheckout: spec.sparseCheckout,
      observedInclude: spec.include,
      observedRecurseSubmodules: spec.recurseSubmodules || undefined,
      includedArtifacts: included.length === 0 ? undefined : included,
      sourceVerificationMode: spec.verify === undefined ? undefined : (spec.verify.mode ?? 'HEAD'),
    },
    ...(fetched.rewritten
      ? {
          extra: {
            reason: 'HistoryRewritten',
            message: `the history was rewritten: '${before}' is not among the ancestors of '${fetched.revision}'`,
          },
        }
      : {}),
  }
}

/** Whether the content is more than one git tree, or somebody else reads it. */
function needsFile({ context, object }: SourceJob<Git>): boolean {
  const { include = [], recurseSubmodules } = object.spec
  return context.storage.served || include.length > 0 || recurseSubmodules === true
}

/** The current artifact, if nothing that makes up its content is new. */
function unchanged(job: SourceJob<Git>, fetched: Fetch, included: readonly Artifact[]): Artifact | undefined {
  const { current, object } = job
  const { spec, status } = object
  if (current === undefined || current.revision !== fetched.revision) return undefined
  if (isGitTree(current) === needsFile(job)) return undefined
  const same =
    spec.ignore === status?.observedIgnore &&
    jsonEqual(spec.sparseCheckout, status?.observedSparseCheckout) &&
    jsonEqual(spec.include, status?.observedInclude) &&
    (spec.recurseSubmodules ?? false) === (status?.observedRecurseSubmodules ?? false) &&
    sameIncludes(status?.includedArtifacts, included)
  return same ? current : undefined
}

function treeArtifact({ context, object }: SourceJob<Git>, fetched: Fetch): Artifact {
  const { spec, metadata } = object
  // Equal content after a loss of the mirror is the same artifact.
  const before = object.status?.artifact
  const fresh = artifactOf({
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    url: spec.url,
    revision: fetched.revision,
    commit: fetched.commit,
    tree: fetched.tree,
    ignore: spec.ignore,
    sparseCheckout: spec.sparseCheckout,
    now: context.clock.now(),
  })
  return before?.revision === fresh.revision && before.digest === fresh.digest ? before : fresh
}

/** Clone with submodules, sparse, includes on top, then the exclusions: the order of Flux. */
async function pack(
  job: SourceJob<Git>,
  fetched: Fetch,
  remote: Parameters<typeof submoduleFiles>[1],
): Promise<Artifact> {
  const { context, object, signal, timeoutMs } = job
  const { spec, metadata } = object
  const whole = fetched.mirror.tree(fetched.commit)
  const sparse = spec.sparseCheckout
  let tree: FileTree = sparse === undefined || sparse.length === 0 ? whole : new SparseTree(whole, sparse)
  if (spec.recurseSubmodules || (spec.include ?? []).length > 0) {
    const bounds = { signal, timeoutMs }
    const modules = spec.recurseSubmodules
      ? await submoduleFiles(context.snapshots, remote, fetched.mirror, fetched.commit, bounds).catch(error => {
          throw fetchFailure(error, signal)
        })
      : []
    const files = new Map([...(await filesOf(tree)), ...modules].map(file => [file.path, file]))
    for (const file of await includedFiles(object, context.sources)) files.set(file.path, file)
    tree = new ArchiveTree([...files.values()])
  }
  try {
    const shown = new FilteredTree(tree, await Exclusions.load(tree, spec.ignore, new IgnoreFiles()))
    return await context.storage.put({
      kind: object.kind,
      namespace: metadata.namespace ?? '',
      name: metadata.name ?? '',
      file: `${fetched.commit}.tar.gz`,
      revision: fetched.revision,
      bytes: await packTree(shown),
    })
  } catch (error) {
    throw new StepFailure('ArchiveOperationFailed', `unable to archive artifact to storage: ${messageOf(error)}`, {
      condition: 'StorageOperationFailed',
      transient: true,
      cause: error,
    })
  }
}

/** Each folder of a sparse checkout must be there. */
async function checkSparse(fetched: Fetch, folders: readonly string[] | undefined): Promise<void> {
  const tree = fetched.mirror.tree(fetched.commit)
  for (const folder of folders ?? []) {
    const path = folder.replace(/^(\.?\/)+|\/+$/g, '')
    if (path === '' || path === '.' || (await tree.entry(path)) !== undefined) continue
    throw new StepFailure(
      'GitOperationFailed',
      `failed to sparse checkout directories : sparse checkout dir '${folder}' does not exist in repository`,
    )
  }
}
