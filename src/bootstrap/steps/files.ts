import { createHash } from 'node:crypto'
import { SluiceError } from '../../base/errors/index.ts'
import { memoryTree } from '../../base/file-tree.ts'
import { unifiedDiff } from '../../base/text-diff.ts'
import { type ChangeText, code, defaultAuthor, reviewWanted, writeChange } from '../../forges/changes/index.ts'
import { type FileChange, withMirror } from '../../git/index.ts'
import { syncPaths } from '../../layout/index.ts'
import { refusePlainSecrets } from '../../sops/index.ts'
import { refuseUnapproved } from '../approval.ts'
import { type DesiredFile, desiredFiles } from '../desired-files.ts'
import { effect } from '../effect.ts'
import { countText, liveCounts } from '../live-counts.ts'
import { readRepository } from '../repository-view.ts'
import type { BootstrapContext, BootstrapStep, PlannedChange } from '../types.ts'

/** Commits the fleet's tree: what is missing is added, what is there stays, in one commit. */
export const filesStep: BootstrapStep = {
  id: 'files',
  title: 'commit the files of the fleet',
  async inspect(context, state) {
    const tree = state.view ? await readRepository(context, state.view) : memoryTree({})
    const { files, notes, refusal, engine, kept: sync } = await desiredFiles(context, tree)
    state.engineInCluster = engine.runs === 'cluster'
    state.kept = sync
    const changes = files.filter(file => file.action !== 'keep')
    const differing = (await liveCounts(context, files)).map(countText)
    const isThere = changes.length === 0 && state.tip !== undefined
    if (isThere && state.tip !== undefined) state.commit = state.tip
    const kept = files.length - changes.length
    const said = [...notes, ...differing.map(text => `${text}: it will be scaled`)]
    const stopped = refusal ?? refusedCounts(context, differing)
    if (stopped) {
      return {
        id: 'files',
        title: this.title,
        state: 'blocked',
        summary: stopped.message,
        changes: files.map(plannedFile),
        engine,
        problem: stopped,
      }
    }
    const review = isThere || !state.repositoryExists ? undefined : await why(context)
    const how =
      review === undefined
        ? `to ${context.fleet.branch}`
        : `through a ${noun(context)} to ${context.fleet.branch}: ${review}`
    return {
      id: 'files',
      title: this.title,
      state: isThere ? 'done' : 'to-do',
      summary: isThere
        ? 'every file is there'
        : changes.length === 0
          ? `make ${context.fleet.branch}; every file is there`
          : `commit ${changes.length} files ${how}${kept > 0 ? `, ${kept} are there` : ''}`,
      changes: files.map(plannedFile),
      engine,
      ...(changes.length === 0
        ? {}
        : {
            message: commitMessage(
              context,
              changes.map(file => file.path),
            ),
          }),
      ...(said.length > 0 ? { notes: said } : {}),
    }
  },
  async apply(context, state) {
    const { fleet, forge, signal } = context
    return await withMirror(context, 'bootstrap', async mirror => {
      const result = await effect(context, 'files.push', () =>
        writeChange({
          forge,
          owner: fleet.owner,
          repository: fleet.repository,
          mode: context.review ?? 'auto',
          key: `bootstrap ${fleet.path}`,
          describe: () => changeText(context),
          reviewTimeoutMs: context.reviewTimeoutMs,
          onReview: event => context.onEvent?.({ type: 'review', step: 'files', event }),
          mirror,
          remote: forge.remote(fleet.owner, fleet.repository),
          branch: fleet.branch,
          // Computed anew on the tip that the push meets: what somebody else pushed meanwhile is seen and kept.
          edit: async tree => {
            const wanted = await desiredFiles(context, tree)
            if (wanted.refusal) throw wanted.refusal
            refuseUnapproved(context.approval, { id: 'files', changes: wanted.files.map(plannedFile) })
            const changes = changesOf(wanted)
            refusePlainSecrets(changes)
            return changes
          },
          message: paths => commitMessage(context, paths),
          author: context.author ?? fleet.author ?? defaultAuthor(state.login, forge.host),
          ...(context.committer && { committer: context.committer }),
          signer: context.signer,
          clock: context.clock,
          signal,
        }),
      )
      if (result.commit === undefined)
        throw new SluiceError('E_INTERNAL', { object: 'files', seen: 'no commit after a push' })
      state.commit = result.commit
      state.tip = result.commit
      if (result.request) state.pullRequest = result.request.url
      const what = result.request
        ? `${result.request.url} was merged`
        : result.pushed
          ? `committed ${result.paths.length} files`
          : 'every file is there'
      return {
        summary: `${what}: ${fleet.branch}@${result.commit.slice(0, 7)}`,
        facts: {
          commit: result.commit,
          pushed: result.pushed,
          ...(result.request && { pullRequest: result.request.url }),
        },
      }
    })
  },
}

/** A cluster that runs already keeps its counts, unless somebody says that the specs are right. */
function refusedCounts({ setCounts }: BootstrapContext, differing: readonly string[]): SluiceError | undefined {
  if (differing.length === 0 || setCounts === true) return undefined
  return new SluiceError('E_BOOTSTRAP_LIVE_COUNTS', { seen: differing.join('; ') })
}

/** Why the files go through a request; undefined when they are pushed, as far as the rules tell. */
function why({ fleet, forge, review = 'auto', signal }: BootstrapContext): Promise<string | undefined> {
  return reviewWanted({ forge, owner: fleet.owner, repository: fleet.repository, branch: fleet.branch, signal }, review)
}

function noun({ forge }: BootstrapContext): string {
  const { changeRequests } = forge.capabilities
  return changeRequests === 'none' ? 'branch of its own' : changeRequests
}

function changeText({ fleet }: BootstrapContext): ChangeText {
  const names = fleet.clusters.map(({ name }) => code(name))
  return {
    what: [
      `The files of the fleet of ${code(fleet.management)}${names.length === 0 ? '' : `, with its clusters ${names.join(', ')}`}`,
    ],
    why: `Asked for with ${code('sluice bootstrap')}, so that the cluster follows ${code(fleet.path)} of this repository.`,
    after:
      'The bootstrap waits for the merge and then makes the cluster follow this repository; when it was ended, run it again.',
  }
}

function changesOf({ files }: { files: readonly DesiredFile[] }): FileChange[] {
  return files.filter(file => file.action !== 'keep').map(({ path, after }) => ({ path, content: after }))
}

function plannedFile({ path, action, before, after }: DesiredFile): PlannedChange {
  const keeps = action === 'keep'
  const content = createHash('sha256')
    .update(keeps ? (before ?? after) : after)
    .digest('hex')
  return { kind: 'file', path, action, diff: keeps ? '' : unifiedDiff(path, before, after), content }
}

/** Only of a fleet that begins all files of its synchronization are written: people own kustomization.yaml from then on. */
function isNew({ path, namespace }: BootstrapContext['fleet'], paths: readonly string[]): boolean {
  const { sync, kustomization } = syncPaths({ clusterConfigPath: path, systemNamespace: namespace })
  return paths.includes(sync) && paths.includes(kustomization)
}

function commitMessage({ fleet }: BootstrapContext, paths: readonly string[]): string {
  const names = fleet.clusters
    .map(cluster => cluster.name)
    .filter(name => paths.some(path => path.includes(`/${name}/eksa-system/`)))
  const subject =
    names.length === 0
      ? fleet.eksctl !== undefined && paths.some(path => path.includes('eksctl'))
        ? `Add the eksctl cluster ${fleet.management}`
        : isNew(fleet, paths)
          ? `Add the cluster ${fleet.management}`
          : `Update the synchronization of ${fleet.management}`
      : names.length <= 3
        ? `Add ${names.join(', ')} to the fleet of ${fleet.management}`
        : `Add ${names.length} clusters to the fleet of ${fleet.management}`
  const appendix = fleet.commitAppendix === undefined ? '' : `\n${fleet.commitAppendix}\n`
  return `${subject}\n\nMade by sluice bootstrap.\n${appendix}`
}
