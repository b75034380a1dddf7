import { SluiceError } from '../../base/errors/index.ts'
import { unifiedDiff } from '../../base/text-diff.ts'
import { code, defaultAuthor, writeChange } from '../../forges/changes/index.ts'
import { withMirror } from '../../git/index.ts'
import { refusePlainSecrets } from '../../sops/index.ts'
import { effect } from '../effect.ts'
import type { BootstrapContext, BootstrapStep } from '../types.ts'
import { nameOf, type SwitchRun } from './check.ts'
import { type EngineName, switchFacts } from './facts.ts'

/** Commits the components of the engine that comes in the place of the other's, in one commit. */
export function filesStep(to: EngineName, run: SwitchRun): BootstrapStep {
  const title = `commit the components of ${nameOf(to)}`
  return {
    id: 'files',
    title,
    async inspect(_context, state) {
      const files = run.facts?.files ?? []
      const todo = files.filter(file => file.action !== 'keep')
      if (todo.length === 0 && state.tip !== undefined) state.commit = state.tip
      return {
        id: 'files',
        title,
        state: todo.length === 0 ? 'done' : 'to-do',
        summary: todo.length === 0 ? 'they are there' : `commit ${todo.map(file => file.path).join(', ')}`,
        changes: files.map(({ path, action, before, after }) => ({
          ...{ kind: 'file', path, action, diff: action === 'keep' ? '' : unifiedDiff(path, before, after) },
        })),
      }
    },
    async apply(context, state) {
      const { fleet, forge, signal } = context
      const result = await withMirror(context, 'switch', mirror =>
        effect(context, 'files.push', () =>
          writeChange({
            forge,
            owner: fleet.owner,
            repository: fleet.repository,
            mode: context.review ?? 'auto',
            key: `engine ${to} ${fleet.path}`,
            describe: () => ({
              what: [`The components in ${code(`${fleet.path}/${fleet.namespace}`)} are those of ${nameOf(to)}`],
              why: `Asked for with ${code(`sluice engine switch --to ${to}`)}.`,
              after: 'The command waits for the merge and then changes the engine; when it was ended, run it again.',
            }),
            reviewTimeoutMs: context.reviewTimeoutMs,
            onReview: event => context.onEvent?.({ type: 'review', step: 'files', event }),
            mirror,
            remote: forge.remote(fleet.owner, fleet.repository),
            branch: fleet.branch,
            // On the tip that the push meets: what was pushed meanwhile is looked at in the same way.
            edit: async tree => {
              const facts = await switchFacts(context, to, tree)
              run.facts = facts
              const changes = facts.files
                .filter(file => file.action !== 'keep')
                .map(({ path, after }) => ({ path, content: after }))
              refusePlainSecrets(changes)
              return changes
            },
            message: () =>
              `Change the engine of ${fleet.path} to ${versionOf(context, to)}\n\nMade by sluice engine switch.\n`,
            author: context.author ?? defaultAuthor(state.login, forge.host),
            ...(context.committer && { committer: context.committer }),
            signer: context.signer,
            clock: context.clock,
            signal,
          }),
        ),
      )
      if (result.commit === undefined)
        throw new SluiceError('E_INTERNAL', { object: 'files', seen: 'no commit after a push' })
      state.commit = result.commit
      state.tip = result.commit
      if (result.request) state.pullRequest = result.request.url
      return { summary: `${fleet.branch}@${result.commit.slice(0, 7)}`, facts: { commit: result.commit } }
    },
  }
}

function versionOf({ flux }: BootstrapContext, to: EngineName): string {
  return to === 'flux' ? `Flux ${flux?.manifests.version ?? ''}` : 'Sluice'
}
