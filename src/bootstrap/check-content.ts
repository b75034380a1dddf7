import { type FileTree, memoryTree } from '../base/file-tree.ts'
import { type Check, type CheckLine, runChecklist } from '../forges/index.ts'
import { type DesiredTree, desiredFiles } from './desired-files.ts'
import { lookAtBranch, readRepository } from './repository-view.ts'
import type { BootstrapContext } from './types.ts'

type Needed = Pick<BootstrapContext, 'fleet' | 'forge' | 'clock' | 'signal' | 'adopt' | 'dataDir' | 'flux' | 'place'>

interface State {
  readonly context: Needed
  /** Whether there is a repository to read. */
  readonly exists: boolean
  tree?: FileTree
  wanted?: DesiredTree
}

const checks: readonly Check<State>[] = [
  {
    id: 'repository.content',
    title: 'the repository may hold the fleet',
    needs: [],
    async run(state) {
      const { context, exists } = state
      const { fleet } = context
      if (!exists) return 'it will be made for this fleet'
      const view = await lookAtBranch(context)
      state.tree = await readRepository(context, view)
      const names = await state.tree.list('')
      if (names.length === 0) return 'it is empty'
      state.wanted = await desiredFiles(context, state.tree).catch(() => undefined)
      // What refuses a bootstrap whatever the person says is told by the check of the path.
      if (!state.wanted) return 'it holds files; the path is looked at next'
      const { refusal } = state.wanted
      if (!refusal)
        return `it is managed by Sluice${view.tip === undefined ? `; ${fleet.branch} begins at ${view.base}` : ''}`
      return {
        warn: `it holds files that Sluice did not make: ${refusal.facts.seen}`,
        fix: 'To add the fleet to it: sluice bootstrap --adopt. Files that are there stay as they are; --dry-run shows what is added.',
      }
    },
  },
  {
    id: 'path',
    title: 'the path in the repository is free, or holds this fleet',
    needs: ['repository.content'],
    async run(state) {
      const { context } = state
      const { path } = context.fleet
      const { files } = state.wanted ?? (await desiredFiles(context, state.tree ?? memoryTree({})))
      const kept = files.filter(file => file.action === 'keep').length
      if (kept === 0) return `${path} is free`
      return `${path} holds this fleet: ${kept} of ${files.length} files are there`
    },
  },
]

/**
 * Looks at what stands in the repository and in the fleet's folder; reads only. Nothing is looked at after a failed check
 * of the token or the repository.
 */
export async function* checkContent(context: Needed, before: readonly CheckLine[]): AsyncGenerator<CheckLine> {
  const failed = before.find(line => line.status === 'fail')
  if (failed) {
    for (const { id, title } of checks)
      yield { id, title, status: 'not-run', ms: 0, detail: `waits for: ${failed.title}` }
    return
  }
  const exists = !before.some(line => line.id === 'repository.create')
  const { clock, signal } = context
  yield* runChecklist(checks, { context, exists }, { clock, signal })
}
