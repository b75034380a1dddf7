import { z } from 'zod'
import { allows, everything, touches } from '../../../access/index.ts'
import { environmentPath, readEnvironments, removeEnvironment, writeEnvironment } from '../../../apps/index.ts'
import { SluiceError } from '../../../base/errors/index.ts'
import { applyPlan } from '../../applications/apply-plan.ts'
import { problemView, readAppsNow, visiblePart } from '../../applications/apps-in-git.ts'
import type { Plan } from '../../applications/plan.ts'
import { previewOf } from '../../applications/preview.ts'
import { stateAt } from '../../applications/state-at.ts'
import { changePreviewSchema } from '../../contract/change-preview.ts'
import { applyChangeWishSchema } from '../../contract/change-result.ts'
import { type EnvironmentSpec, environmentChangeSchema, environmentsSchema } from '../../contract/environments.ts'
import { jobSchema } from '../../contract/live.ts'
import { defineRoute } from '../../http/route.ts'
import type { RepositoryState } from '../../repository/index.ts'
import { administrator, listed } from './needs.ts'

const tag = 'environments'
const wish = z.object({ change: environmentChangeSchema })
type Change = z.output<typeof environmentChangeSchema>

const listEnvironments = defineRoute({
  method: 'get',
  path: '/api/v1/environments',
  tag,
  summary: 'Environments that Git names, in their order',
  needs: listed,
  answer: environmentsSchema,
  async handle({ context, who }) {
    const { state, environments, problems, applications } = await readAppsNow(context)
    const mine = ({ name }: { readonly name: string }) =>
      touches(who.grants, 'viewer', { project: '*', environment: name })
    const visible = applications.flatMap(one => visiblePart(who, one)?.deployments ?? [])
    return {
      tip: state.tip,
      environments: environments.filter(mine).map(({ name, title, order, object }) => ({
        name,
        title,
        order,
        spec: object.spec as EnvironmentSpec,
        applications: visible.filter(one => one.environment === name).length,
      })),
      problems: allows(who.grants, 'viewer', everything) ? problems.map(problemView) : [],
    }
  },
})

const previewEnvironment = defineRoute({
  method: 'post',
  path: '/api/v1/environments/changes/preview',
  tag,
  summary: 'The commit that a change of an environment would make',
  needs: administrator,
  body: wish,
  answer: changePreviewSchema,
  audit: { none: 'only looks' },
  async handle({ context, who, body }) {
    const state = await context.repository.read()
    return previewOf(context, state, await planEnvironment(state, body.change), who)
  },
})

const changeEnvironment = defineRoute({
  method: 'post',
  path: '/api/v1/environments/changes',
  tag,
  summary: 'Add, change or remove an environment by one commit',
  needs: administrator,
  body: applyChangeWishSchema.omit({ change: true }).extend(wish.shape),
  answer: jobSchema,
  status: 202,
  audit: { none: 'the job writes the entry' },
  async handle({ context, who, body }) {
    const state = await stateAt(context, body.tip)
    return applyPlan(context, {
      who,
      kind: 'environment.change',
      object: `environment ${body.change.name}`,
      plan: await planEnvironment(state, body.change),
      state,
      subject: body.subject,
      byRequest: body.request,
      follow: false,
    })
  },
})

async function planEnvironment({ tree }: RepositoryState, change: Change): Promise<Plan> {
  const { name } = change
  const path = environmentPath(name)
  const { environments } = await readEnvironments(tree)
  const known = environments.some(one => one.name === name)
  if (change.kind === 'write' && change.create && known)
    throw new SluiceError('E_APP_EXISTS', { object: `environment ${name}`, seen: 'an environment of this name' })
  if (change.kind === 'write' && known && (await tree.entry(path)) === undefined)
    throw new SluiceError('E_APP_INVALID', {
      object: `environment ${name}`,
      expected: `the file ${path}`,
      seen: 'it stands in another file',
      next: 'Change it in that file by hand, or move it into a file of its own.',
    })
  const files =
    change.kind === 'remove'
      ? await removeEnvironment(tree, name)
      : writeEnvironment({ name, spec: compact(change.spec) })
  const verb = change.kind === 'remove' ? 'Remove' : known ? 'Change' : 'Add'
  return {
    files,
    scopes: [{ project: '*', environment: name }],
    project: '*',
    app: '',
    environments: [],
    subject: `${verb} environment ${name}`,
    why: `${verb} environment ${name}.`,
    key: `environment ${change.kind} ${name}`,
    watched: [path],
    secrets: new Map(),
    reviewBy: undefined,
  }
}

/** Without what says nothing. */
function compact(spec: EnvironmentSpec): Parameters<typeof writeEnvironment>[0]['spec'] {
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined && value !== ''))
}

export const environmentRoutes = [listEnvironments, previewEnvironment, changeEnvironment]
