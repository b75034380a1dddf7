import type { Principal } from '../../access/index.ts'
import {
  type Application,
  at,
  type Deployment,
  deploymentName,
  effectiveValues,
  plainSecretsIn,
  readApps,
  sealedPaths,
  valueChanges,
  valueProblems,
} from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import { jsonEqual } from '../../base/json.ts'
import { parseInventoryEntry } from '../../engine/index.ts'
import { overlayTree } from '../../gitops/overlay-tree.ts'
import { formatRef } from '../../kube/identity.ts'
import type { ServerContext } from '../context.ts'
import type { ChangePreview } from '../contract/change-preview.ts'
import type { FileDiff } from '../contract/repository.ts'
import type { ValueProblemView } from '../contract/values.ts'
import { fileDiffs, type RepositoryState, tipOf } from '../repository/index.ts'
import { readGateOf } from '../require-gate.ts'
import { chartContent } from './chart-content.ts'
import { objectsFor } from './deployment-view.ts'
import type { Plan } from './plan.ts'
import { commitsOf, messageFor } from './plan-commits.ts'

/** What a plan would change in one environment. */
export type EnvironmentChange = ChangePreview['environments'][number]

/** A plan, as a person looks at it before it is made. */
export async function previewOf(
  context: ServerContext,
  state: RepositoryState,
  plan: Plan,
  who: Principal,
): Promise<ChangePreview> {
  const { sync, tree, connection } = state
  const gates = await Promise.all(plan.scopes.map(scope => readGateOf(context, scope)))
  const closed = gates.find(gate => !gate.open)
  const environments = await environmentChanges(context, state, plan)
  const review = await reviewOf(context, state, plan)
  const files = await fileDiffs(tree, plan.files)
  return {
    tip: tipOf(state),
    repository: { url: sync.url, branch: sync.branch },
    message: messageOf(plan, environments),
    author: context.repository.authorOf(who, connection.host),
    files,
    ...(state.home === undefined ? {} : commitViews(state, plan, files, messageOf(plan, environments))),
    ...(review === undefined ? {} : { review }),
    gate: closed === undefined || closed.open ? { open: true } : { open: false, why: closed.why, next: closed.next },
    environments,
    ...goesOf(context, state, plan, environments),
  }
}

/** The commits of an application with a repository of its own, as they are made one after the other. */
function commitViews(
  state: RepositoryState,
  plan: Plan,
  diffs: readonly FileDiff[],
  message: string,
): Pick<ChangePreview, 'commits' | 'notes'> {
  const changed = new Set(diffs.map(one => one.path))
  const commits = commitsOf(state, plan).map(commit => ({
    repository: commit.title,
    branch: commit.branch,
    message: messageFor(state, plan, commit, message),
    files: commit.files.map(one => one.path).filter(path => changed.has(path)),
    makes: commit.step === 'commit' && plan.own?.make !== undefined,
  }))
  return { commits: commits.filter(one => one.files.length > 0), notes: [...(plan.own?.notes ?? [])] }
}

/** Why a plan goes by a request. */
export async function reviewOf(
  context: ServerContext,
  state: RepositoryState,
  plan: Plan,
): Promise<string | undefined> {
  if (plan.reviewBy !== undefined) return `${plan.reviewBy} takes changes by requests only`
  return context.repository.reviewWanted(state)
}

/** What a plan changes for each environment of its application. */
export async function environmentChanges(
  context: ServerContext,
  { tree, place }: RepositoryState,
  plan: Plan,
): Promise<EnvironmentChange[]> {
  if (plan.app === '') return []
  const after = overlayTree(tree, plan.files)
  const [was, is] = await Promise.all([tree, after].map(one => only(one, plan.app)))
  const names = [...new Set([...(was?.deployments ?? []), ...(is?.deployments ?? [])].map(one => one.environment))]
  const out: EnvironmentChange[] = []
  for (const environment of names) {
    const [a, b] = [was, is].map(one => one?.deployments.find(each => each.environment === environment))
    const secrets = plan.secrets.get(environment) ?? []
    const same = jsonEqual(shape(a), shape(b)) && secrets.length === 0
    if (same && !plan.environments.includes(environment)) continue
    const sealed = b === undefined ? [] : await sealedPaths(after, place, plan.app, environment)
    out.push({
      environment,
      change: a === undefined ? 'new' : b === undefined ? 'gone' : same ? 'same' : 'changed',
      values:
        a === undefined && b !== undefined
          ? valueChanges({}, b.values).map(copy)
          : b === undefined
            ? []
            : valueChanges(a!.values, b.values).map(copy),
      ...(a && b && !jsonEqual(a.chart, b.chart) ? { chart: { before: a.chart, after: b.chart } } : {}),
      ...(a && b && a.suspended !== b.suspended ? { suspended: { before: a.suspended, after: b.suspended } } : {}),
      secrets: secrets.map(path => [...path]),
      problems: b === undefined ? [] : await problemsOf(context, after, b, sealed),
    })
  }
  return out
}

async function only(tree: FileTree, app: string): Promise<Application | undefined> {
  const { applications, broken } = await readApps(tree, [app])
  const [bad] = broken
  if (bad) {
    const [first] = bad.problems
    throw new SluiceError('E_APP_INVALID', {
      object: `application ${app}`,
      seen: `${first?.file ?? ''}: ${first?.detail ?? ''}`,
    })
  }
  return applications[0]
}

function shape(deployment: Deployment | undefined) {
  return deployment === undefined ? null : { ...deployment, override: null, chartOverride: null }
}

function copy({ path, before, after }: { path: readonly string[]; before: unknown; after: unknown }) {
  return { path: [...path], before, after }
}

/** What the chart has against the values of a deployment, secrets in plain among them. */
export async function problemsOf(
  context: ServerContext,
  tree: FileTree,
  { chart, values }: Pick<Deployment, 'chart' | 'values'>,
  sealed: readonly (readonly string[])[],
): Promise<ValueProblemView[]> {
  const content = await chartContent(context, tree, chart).catch(() => undefined)
  if (content?.schema === undefined) return []
  const { schema } = content
  const isSealed = (path: readonly (string | number)[]) => sealed.some(one => one.join('\0') === path.join('\0'))
  return [
    ...plainSecretsIn(schema, values).map(path => ({
      path: [...path],
      message: 'is a secret: it would stand in Git in plain. Set it as a secret, which is sealed.',
    })),
    ...valueProblems(schema, effectiveValues(content.values, values))
      .filter(({ path }) => !isSealed(path))
      .map(({ path, message }) => ({ path: [...path], message })),
  ]
}

/** @throws E_APP_VALUES with every problem */
export function refuseProblems(plan: Plan, environments: readonly EnvironmentChange[]): void {
  for (const { environment, problems } of environments) {
    const [first] = problems
    if (!first) continue
    throw new SluiceError('E_APP_VALUES', {
      object: `values of ${plan.app} in ${environment}`,
      seen: `${first.path.join('.') || 'the values'}: ${first.message}${problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''}`,
      details: { fields: problems.map(({ path, message }) => ({ path, message })) },
    })
  }
}

/** The commit: what it does, then what of it changes where. Values of secrets are never in it. */
export function messageOf(plan: Plan, environments: readonly EnvironmentChange[], subject = plan.subject): string {
  const lines: string[] = []
  for (const one of environments) {
    if (one.change === 'new' || one.change === 'gone') continue
    if (one.chart) lines.push(`${one.environment}: chart ${one.chart.before.version} -> ${one.chart.after.version}`)
    for (const { path, before, after } of one.values.slice(0, 10))
      lines.push(`${one.environment}: ${path.join('.')} ${word(before)} -> ${word(after)}`)
    if (one.values.length > 10) lines.push(`${one.environment}: and ${one.values.length - 10} more values`)
    for (const path of one.secrets) lines.push(`${one.environment}: ${path.join('.')} sealed anew`)
  }
  // Names of values and the subject are one line each, whatever they hold: a line of theirs could pass for a trailer.
  const body = lines.slice(0, 40).map(oneLine).join('\n')
  const first = oneLine(subject)
  return body === '' ? `${first}\n` : `${first}\n\n${body}\n`
}

function oneLine(text: string): string {
  return text.replace(/[\x00-\x1f\x7f\u0085\u2028\u2029]+/g, ' ').trim()
}

function word(value: unknown): string {
  if (value === undefined) return '(chart)'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const line = text.replace(/[\x00-\x1f\x7f]+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 79)}…` : line === '' ? '""' : line
}

/** Objects that go with an application, as the cluster's inventories tell. */
function goesOf(
  { flux }: ServerContext,
  { place }: RepositoryState,
  { app }: Plan,
  environments: readonly EnvironmentChange[],
): Pick<ChangePreview, 'goes' | 'goesProblem'> {
  const goes: string[] = []
  let goesProblem: string | undefined
  for (const { environment, change } of environments) {
    if (change !== 'gone') continue
    const { release, kustomization } = objectsFor(flux, place.systemNamespace, app, environment)
    if (flux?.ready !== true) goesProblem = 'the cluster cannot be asked now'
    for (const object of [release, kustomization]) {
      const entries = at(object, 'status', 'inventory', 'entries')
      for (const entry of Array.isArray(entries) ? entries : []) {
        const ref = parseInventoryEntry(entry)
        if (ref && ref.kind !== 'Namespace') goes.push(formatRef(ref))
      }
    }
    if (release && goes.length === 0)
      goesProblem = `the cluster lists no objects of ${deploymentName(app, environment)}`
  }
  return { goes: [...new Set(goes)], ...(goesProblem === undefined ? {} : { goesProblem }) }
}
