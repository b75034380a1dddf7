import { asSluiceError, type SluiceError } from '../../base/errors/index.ts'
import type { PlannedChange, StepPlan } from '../../bootstrap/index.ts'
import type { ImportPlan } from '../../gitops/index.ts'
import { formatRef } from '../../kube/identity.ts'
import { redact } from '../../secrets/secret.ts'
import type { FleetAddPlan, PlannedChangeView } from '../contract/fleet-add.ts'
import { onPage } from './words.ts'

const longestDiff = 20_000
const mostChanges = 300
const mostNames = 50

/** Steps as the API gives them: without secrets, and nothing endless. The checks have steps of their own. */
export function stepsView(steps: readonly StepPlan[]): FleetAddPlan['steps'] {
  return steps
    .filter(step => step.id !== 'check')
    .map(({ id, title, state, summary, notes = [], changes, problem }) => ({
      id,
      title,
      state,
      summary: redact(summary),
      ...(problem === undefined ? {} : { next: redact(onPage(problem.next)) }),
      notes: notes.map(redact),
      changes: changes.slice(0, mostChanges).flatMap(changeView),
    }))
}

function changeView(change: PlannedChange): PlannedChangeView[] {
  switch (change.kind) {
    case 'check':
      return []
    case 'repository':
      return [
        {
          kind: 'repository',
          name: change.name,
          action: change.action,
          detail: change.private ? 'private' : 'public: everybody can read it',
        },
      ]
    case 'branch':
      return [
        {
          kind: 'branch',
          name: change.name,
          action: change.action,
          ...(change.from === undefined ? {} : { detail: `from ${change.from}` }),
        },
      ]
    case 'file':
      return [{ kind: 'file', name: change.path, action: change.action, ...diffView(change.diff) }]
    case 'object':
      return [
        {
          kind: 'object',
          name: formatRef(change.ref),
          action: change.action,
          ...(change.diff === undefined ? {} : diffView(change.diff)),
        },
      ]
  }
}

function diffView(diff: string): Pick<PlannedChangeView, 'diff' | 'cut'> {
  if (diff.length <= longestDiff) return { diff: redact(diff) }
  return { diff: redact(diff.slice(0, diff.lastIndexOf('\n', longestDiff) + 1)), cut: true }
}

/** What stands against a plan, and which of the person's choices allows it. */
export function refusalView(thrown: SluiceError): NonNullable<FleetAddPlan['refusal']> {
  const error = asSluiceError(thrown)
  const { seen } = error.facts
  const allowedBy =
    error.code === 'E_BOOTSTRAP_NOT_ADOPTED'
      ? ({ allowedBy: 'adopt' } as const)
      : error.code === 'E_BOOTSTRAP_LIVE_COUNTS'
        ? ({ allowedBy: 'setCounts' } as const)
        : {}
  return {
    code: error.code,
    message: redact(error.message),
    ...(seen === undefined ? {} : { seen: redact(seen) }),
    next: redact(onPage(error.next)),
    ...allowedBy,
  }
}

/** What an import found. */
export function foundView({ fleets, outside, proof }: ImportPlan): NonNullable<FleetAddPlan['found']> {
  return {
    fleets: fleets.slice(0, mostNames).map(({ path, maker, clusters, notes, notUnderstood }) => ({
      path: redact(path === '' ? '/' : path),
      maker,
      clusters: clusters.slice(0, mostChanges).map(({ name, groups }) => ({
        name: redact(name),
        groups: redact(groups.map(group => `${group.name} ${group.size}`).join(', ')),
      })),
      notes: [...notes, ...notUnderstood.map(one => `${one} is nothing that explains itself; it stays as it is`)]
        .slice(0, mostNames)
        .map(redact),
    })),
    outside: outside.slice(0, mostNames).map(redact),
    proof: proof.slice(0, mostChanges).map(one => ({ ...one })),
  }
}

/** The file steps of an import, as those of a bootstrap. */
export function importSteps(plan: ImportPlan): FleetAddPlan['steps'] {
  const todo = plan.files.some(file => file.action === 'create')
  const { fleets, proof, repository } = plan
  const objects = proof.reduce((sum, one) => sum + one.objects, 0)
  return [
    {
      id: 'found',
      title: 'read what is there',
      state: 'done',
      summary: `${count(fleets.length, 'fleet')} with ${count(fleets.flatMap(one => one.clusters).length, 'cluster')} at ${plan.tip.slice(0, 7)}`,
      notes: [],
      changes: [],
    },
    {
      id: 'proof',
      title: 'prove that nothing that is applied changes',
      state: 'done',
      summary: `${count(objects, 'object')} of ${count(proof.length, 'Kustomization')} built before and after: the same`,
      notes: [],
      changes: [],
    },
    {
      id: 'files',
      title: 'commit what says that Sluice manages it',
      state: plan.refusal ? 'blocked' : todo ? 'to-do' : 'done',
      summary: plan.refusal
        ? redact(plan.refusal.message)
        : todo
          ? `commit to ${redact(repository.branch)}${plan.review === undefined ? '' : `, through a request: ${redact(plan.review)}`}`
          : 'Sluice manages it already',
      notes: [],
      changes: plan.files.map(({ path, action, diff }) => ({ kind: 'file', name: path, action, ...diffView(diff) })),
    },
  ]
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}
