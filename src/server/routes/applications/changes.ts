import type { Principal } from '../../../access/index.ts'
import { overlayTree } from '../../../gitops/overlay-tree.ts'
import { applyPlan } from '../../applications/apply-plan.ts'
import { appFor } from '../../applications/apps-in-git.ts'
import { type Planned, planFor } from '../../applications/plan-own.ts'
import { environmentChanges, previewOf } from '../../applications/preview.ts'
import { renderedPreview } from '../../applications/rendered.ts'
import { type Change, readScopesOf, requireAll, requireRights, scopesOf } from '../../applications/scopes-of.ts'
import { stateAt } from '../../applications/state-at.ts'
import { visibleCommit } from '../../applications/visible-commits.ts'
import type { ServerContext } from '../../context.ts'
import { changePreviewSchema, changePreviewWishSchema } from '../../contract/change-preview.ts'
import { applyChangeWishSchema } from '../../contract/change-result.ts'
import { jobSchema } from '../../contract/live.ts'
import { renderedPreviewSchema } from '../../contract/manifest-diff.ts'
import { defineRoute } from '../../http/route.ts'
import { appState, type RepositoryState } from '../../repository/index.ts'

interface WithChange {
  readonly context: ServerContext
  readonly who: Principal
  readonly body: { readonly change: Change }
}

/** An operator of the first place that the change reaches; the handler asks for the others. */
const operatorThere = {
  role: 'operator',
  scope: async ({ context, who, body }: WithChange) => (await scopesOf(context, body.change, who))[0],
} as const

const tag = 'applications'
/** Values and sealed values of several environments. */
const maxBodyBytes = 4 * 1024 * 1024

const previewChange = defineRoute({
  method: 'post',
  path: '/api/v1/applications/changes/preview',
  tag,
  summary: 'The commit that a change of an application would make',
  description: 'Nothing is written. Send its `tip` with the change: what somebody else changed meanwhile is refused.',
  needs: operatorThere,
  body: changePreviewWishSchema,
  maxBodyBytes,
  answer: changePreviewSchema,
  audit: { none: 'only looks' },
  async handle({ context, who, body }) {
    const { state, plan } = await planAs(context, who, await context.repository.read(), body.change)
    return previewOf(context, state, plan, who)
  },
})

const renderChange = defineRoute({
  method: 'post',
  path: '/api/v1/applications/changes/rendered',
  tag,
  summary: 'What a change makes of the manifests, and what the cluster would say of them',
  description: 'Rendered by helm, and tried as a server-side dry run. Values of Secrets are masked.',
  needs: operatorThere,
  body: changePreviewWishSchema,
  maxBodyBytes,
  answer: renderedPreviewSchema,
  audit: { none: 'only looks' },
  async handle({ context, who, body, http }) {
    const { state, plan } = await planAs(context, who, await context.repository.read(), body.change)
    const changed = await environmentChanges(context, state, plan)
    const names = changed.filter(one => one.change !== 'same').map(one => one.environment)
    const base = { app: plan.app, place: state.place, signal: http.req.raw.signal }
    return renderedPreview(context, base, names, state.tree, overlayTree(state.tree, plan.files))
  },
})

const applyChange = defineRoute({
  method: 'post',
  path: '/api/v1/applications/changes',
  tag,
  summary: 'Change an application by one commit, and follow it until it is healthy',
  needs: operatorThere,
  body: applyChangeWishSchema,
  maxBodyBytes,
  answer: jobSchema,
  status: 202,
  audit: { none: 'the job writes the entry' },
  async handle({ context, who, body }) {
    const { change, tip, subject, request, follow } = body
    const app = change.kind === 'create' ? change.name : change.app
    const { state, plan } = await planAs(context, who, await stateAt(context, tip, app), change)
    return applyPlan(context, {
      who,
      kind: 'application.change',
      object: `application ${plan.app}`,
      plan,
      state,
      subject,
      byRequest: request,
      follow,
    })
  },
})

/** Plans a change for somebody who may make it: everywhere that it names, reads and, once it is worked out, writes. */
async function planAs(
  context: ServerContext,
  who: Principal,
  fleet: RepositoryState,
  change: Change,
): Promise<Planned> {
  await requireRights(context, who, change)
  // What a commit was about stands in the message of the one that undoes it.
  if ('commit' in change)
    await visibleCommit(who, appState(fleet, change.app), await appFor(context, change.app, who), change.commit)
  requireAll(who, await readScopesOf(context, change), 'viewer')
  const planned = await planFor(context, fleet, change)
  requireAll(who, planned.plan.scopes)
  return planned
}

export const changeRoutes = [previewChange, renderChange, applyChange]
