import { switchAnnotation } from '../../kube/flux-controllers.ts'
import { formatRef } from '../../kube/identity.ts'
import { effect } from '../effect.ts'
import type { BootstrapContext, BootstrapStep } from '../types.ts'
import type { SwitchRun } from './check.ts'
import type { EngineName } from './facts.ts'
import { gitRepositoryKind, isAwake, isHandedOver, readControllers, readRoot, rootRef } from './live.ts'

/**
 * Suspends the root Kustomization while its engine is changed: whichever engine acts then applies and prunes nothing of
 * the components, its own included. Everything else goes on.
 */
export function holdStep(to: EngineName, run: SwitchRun): BootstrapStep {
  const title = 'hold the root Kustomization'
  return {
    id: 'hold',
    title,
    async inspect(context) {
      const { suspended, switchingTo } = await readRoot(context)
      const held = suspended && switchingTo === to
      const over = !suspended && (await isOver(context, to, run))
      const name = formatRef(rootRef(context))
      return {
        id: 'hold',
        title,
        state: held || over ? 'done' : 'to-do',
        summary: over ? 'nothing is left to do with it held' : held ? `${name} is suspended` : `suspend ${name}`,
        changes: [{ kind: 'object', ref: rootRef(context), action: held || over ? 'keep' : 'configure' }],
      }
    },
    async apply(context) {
      const { client, signal } = context
      const patch = { metadata: { annotations: { [switchAnnotation]: to } }, spec: { suspend: true } }
      await effect(context, 'switch.hold', () =>
        client.patch(rootRef(context), 'merge', patch, { fieldManager: 'sluice', signal }),
      )
      return { summary: `${formatRef(rootRef(context))} is suspended` }
    },
  }
}

/** Lets the engine that acts now apply the root Kustomization again, and look at Git at once. */
export function resumeStep(): BootstrapStep {
  const title = 'let the root Kustomization go on'
  return {
    id: 'resume',
    title,
    async inspect(context, state) {
      const { suspended, switchingTo } = await readRoot(context)
      const todo = suspended || switchingTo !== undefined || state.dryRun
      return {
        id: 'resume',
        title,
        state: todo ? 'to-do' : 'done',
        summary: `${todo ? 'resume' : 'not suspended:'} ${formatRef(rootRef(context))}`,
        changes: [{ kind: 'object', ref: rootRef(context), action: todo ? 'configure' : 'keep' }],
      }
    },
    async apply(context) {
      const { client, clock, fleet, signal } = context
      const source = { ...gitRepositoryKind, namespace: fleet.namespace, name: fleet.namespace }
      const asked = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': clock.now().toISOString() } } }
      await effect(context, 'switch.fetch', () =>
        client.patch(source, 'merge', asked, { fieldManager: 'sluice', signal }),
      )
      const patch = { metadata: { annotations: { [switchAnnotation]: null } }, spec: { suspend: null } }
      await effect(context, 'switch.resume', () =>
        client.patch(rootRef(context), 'merge', patch, { fieldManager: 'sluice', signal }),
      )
      return { summary: `${formatRef(rootRef(context))} goes on` }
    },
  }
}

/** Whether Git has the engine that is wanted and it is the one that acts: then nothing has to be held. */
export async function isOver(context: BootstrapContext, to: EngineName, { facts }: SwitchRun): Promise<boolean> {
  if (facts?.inGit !== to) return false
  const { here } = await readControllers(context)
  if (to === 'sluice') return here.every(object => !isAwake(object) && isHandedOver(object))
  const wanted = facts.after.filter(object => object.kind === 'Deployment')
  return wanted.every(({ metadata }) => {
    const live = here.find(object => object.metadata.name === metadata.name)
    return live !== undefined && isAwake(live) && !isHandedOver(live)
  })
}
