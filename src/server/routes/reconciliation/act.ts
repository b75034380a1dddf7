import { z } from 'zod'
import { SluiceError } from '../../../base/errors/index.ts'
import { fluxKindOf, type NamedFluxKind } from '../../../fleet/flux-kinds.ts'
import { reconcileNow } from '../../../fleet/reconcile.ts'
import { setSuspended } from '../../../fleet/suspend.ts'
import type { GraphNode } from '../../../insight/graph/index.ts'
import { formatRef } from '../../../kube/identity.ts'
import type { ServerContext } from '../../context.ts'
import { jobSchema } from '../../contract/live.ts'
import { defineRoute } from '../../http/route.ts'
import { objectNeeds } from './detail.ts'
import { nodeOf, scopeOf } from './view.ts'

const params = z.object({ id: z.string().min(1).max(2000) })
const reconcileMs = 300_000

/** What Flux's own commands set on objects of Flux; nothing else of a cluster is changed from here. */
function fluxObject(context: ServerContext, id: string): { node: GraphNode; kind: NamedFluxKind } {
  const node = nodeOf(context, id)
  const kind = fluxKindOf(node.ref)
  if (kind === undefined) {
    throw new SluiceError('E_REQUEST_INVALID', { object: formatRef(node.ref), expected: 'an object of Flux' })
  }
  return { node, kind }
}

const facts = (node: GraphNode) => ({ object: formatRef(node.ref), ...node.place })

const suspendRoute = (verb: 'suspend' | 'resume') =>
  defineRoute({
    method: 'post',
    path: `/api/v1/reconciliation/objects/{id}/${verb}`,
    tag: 'reconciliation',
    summary: verb === 'suspend' ? 'Stop the engine from acting on an object of Flux' : 'Let the engine act on it again',
    description:
      'Sets spec.suspend, as the command of Flux does. It lasts until it is undone, or until Git says otherwise.',
    needs: objectNeeds('operator'),
    params,
    answer: z.object({ changed: z.boolean() }),
    audit: { action: `reconciliation.${verb}`, object: ({ params }) => `object ${params.id.slice(0, 200)}` },
    async handle({ context, params: { id }, note }) {
      const { node, kind } = fluxObject(context, id)
      note(facts(node))
      const { namespace, name } = node.ref
      const suspend = verb === 'suspend'
      const changed = await setSuspended({
        client: context.client!,
        kind,
        namespace,
        name,
        suspend,
        signal: context.signal,
      })
      return { changed }
    },
  })

export const suspendObject = suspendRoute('suspend')
export const resumeObject = suspendRoute('resume')

export const reconcileObject = defineRoute({
  method: 'post',
  path: '/api/v1/reconciliation/objects/{id}/reconcile',
  tag: 'reconciliation',
  summary: 'Reconcile an object of Flux now, with its source first on demand',
  description: 'Sets the annotation reconcile.fluxcd.io/requestedAt, as the command of Flux does. Answers a job.',
  needs: objectNeeds('operator'),
  params,
  body: z.object({ withSource: z.boolean().default(false) }),
  answer: jobSchema,
  status: 202,
  audit: { none: 'the job writes the entry' },
  async handle({ context, who, params: { id }, body }) {
    const { node, kind } = fluxObject(context, id)
    const { namespace, name } = node.ref
    return context.jobs.start({
      kind: 'reconciliation.reconcile',
      object: formatRef(node.ref),
      who,
      scope: scopeOf(node),
      steps: [{ id: 'reconcile', title: `Reconcile ${formatRef(node.ref)}` }],
      run: async job => {
        job.note(facts(node))
        return job.during('reconcile', () =>
          reconcileNow({
            client: context.client!,
            kind,
            namespace,
            name,
            withSource: body.withSource && kind.role === 'applier',
            timeoutMs: reconcileMs,
            signal: job.signal,
            onProgress: detail => job.step('reconcile', { detail }),
          }),
        )
      },
    })
  },
})
