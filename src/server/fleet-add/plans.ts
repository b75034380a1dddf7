import { z } from 'zod'
import { randomId } from '../../access/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { Secret } from '../../secrets/secret.ts'
import {
  begunFleetPlans,
  claimFleetPlan,
  deleteFleetPlan,
  type FleetPlansTable,
  findFleetPlan,
  fleetPlansBefore,
  insertFleetPlan,
} from '../../store/tables/fleet-plans.ts'
import type { ServerContext } from '../context.ts'
import { type FleetAddWish, fleetAddWishSchema, kubeconfigWishSchema } from '../contract/fleet-add.ts'

/** Plans that nobody carried out are forgotten after this time, and the kubeconfigs of them. */
const keptMs = 7 * 86_400_000
const sweepMs = 60 * 60_000
const mostBegun = 20

const agreedSchema = z.object({
  target: z.string(),
  /** Of a bootstrap: see src/bootstrap/approval.ts. */
  approval: z
    .object({
      files: z.record(z.string(), z.string()),
      objects: z.record(z.string(), z.object({ action: z.string(), diff: z.string() })),
      repository: z.string(),
      notes: z.array(z.string()).readonly(),
    })
    .optional(),
  /** Which engine the plan says will run. */
  engine: z.string().optional(),
  /** Of an import: the commit that was looked at. */
  tip: z.string().optional(),
  /** The connection as it was: a changed one may reach another place. */
  connectionVersion: z.number(),
  /** The cluster that was looked at. */
  server: z.string().optional(),
})
/** What a person may agree to. */
export type Agreed = z.infer<typeof agreedSchema>

const storedWishSchema = fleetAddWishSchema.omit({ kubeconfig: true })
type StoredWish = z.infer<typeof storedWishSchema>

/** A plan that somebody asked for, without its kubeconfig. */
export interface KeptPlan {
  readonly id: string
  readonly wish: StoredWish
  /** Absent when it cannot be carried out. */
  readonly agreed?: Agreed
  readonly by: string
  readonly at: string
  readonly planJob: string
  /** The last job that carried it out. */
  readonly job?: string
}

type Needed = Pick<ServerContext, 'store' | 'secrets' | 'clock'>

export const newPlanId = (): string => randomId()

const sealedPlace = (id: string): string => `fleet-plan/${id}/kubeconfig`

export async function keepPlan(
  { store, secrets }: Needed,
  id: string,
  plan: Omit<KeptPlan, 'id' | 'wish'> & { readonly wish: FleetAddWish },
): Promise<void> {
  const { kubeconfig, ...wish } = plan.wish
  await store.transaction(async db => {
    if (kubeconfig) await secrets.put(db, sealedPlace(id), Secret.of(JSON.stringify(kubeconfig)))
    await insertFleetPlan(db, {
      id,
      wish: JSON.stringify(wish),
      agreed: plan.agreed === undefined ? null : JSON.stringify(plan.agreed),
      made_by: plan.by,
      made_at: plan.at,
      plan_job: plan.planJob,
      job: plan.job ?? null,
    })
  })
}

/** A plan, and whether a kubeconfig is sealed for it. Fails with E_NOT_FOUND. */
export async function readPlan(
  { store, secrets }: Needed,
  id: string,
): Promise<KeptPlan & { readonly sealed: boolean }> {
  const row = await findFleetPlan(store.db, id)
  if (row === undefined) {
    throw new SluiceError('E_NOT_FOUND', {
      object: `plan ${id}`,
      next: 'It was carried out, or is forgotten by now: make it again.',
    })
  }
  return { ...planOf(row), sealed: await secrets.has(store.db, sealedPlace(id)) }
}

/** A plan to be carried out, with its kubeconfig. Fails with E_NOT_FOUND, E_STORE_…. */
export async function openPlan(context: Needed, id: string): Promise<Omit<KeptPlan, 'wish'> & { wish: FleetAddWish }> {
  const { sealed, ...plan } = await readPlan(context, id)
  if (!sealed) return plan
  const text = (await context.secrets.open(context.store.db, sealedPlace(id))).reveal()
  return { ...plan, wish: { ...plan.wish, kubeconfig: kubeconfigWishSchema.parse(JSON.parse(text)) } }
}

/** Notes the job that carries a plan out. Fails with E_BOOTSTRAP_PLAN_MOVED when another one began at the same moment. */
export async function beginPlan({ store }: Needed, id: string, before: string | undefined, job: string): Promise<void> {
  if (await claimFleetPlan(store.db, id, before ?? null, job)) return
  throw new SluiceError('E_BOOTSTRAP_PLAN_MOVED', {
    object: `plan ${id}`,
    expected: 'one run of it at a time',
    seen: 'another one, which began at the same moment',
    next: 'Load the page again: it shows the other run.',
  })
}

export async function forgetPlan({ store, secrets }: Needed, id: string): Promise<void> {
  await store.transaction(async db => {
    await secrets.remove(db, sealedPlace(id))
    await deleteFleetPlan(db, id)
  })
}

/** Plans that were begun and are not done, newest first. */
export async function begunPlans({ store }: Needed): Promise<KeptPlan[]> {
  return (await begunFleetPlans(store.db, mostBegun)).map(planOf)
}

/** Forgets old plans from time to time. */
export function sweepPlans(context: ServerContext): void {
  context.periodic.add('forget old plans', sweepMs, async () => {
    const before = new Date(context.clock.now().getTime() - keptMs).toISOString()
    for (const id of await fleetPlansBefore(context.store.db, before)) await forgetPlan(context, id)
  })
}

function planOf({ id, wish, agreed, made_by, made_at, plan_job, job }: FleetPlansTable): KeptPlan {
  return {
    id,
    wish: storedWishSchema.parse(JSON.parse(wish)),
    ...(agreed === null ? {} : { agreed: agreedSchema.parse(JSON.parse(agreed)) }),
    by: made_by,
    at: made_at,
    planJob: plan_job,
    ...(job === null ? {} : { job }),
  }
}
