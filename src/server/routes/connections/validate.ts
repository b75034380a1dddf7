import { asSluiceError, SluiceError } from '../../../base/errors/index.ts'
import {
  type ConnectionCredential,
  type ConnectionDraft,
  checkDraft,
  namesOfTarget,
  openConnection,
  outcomeOf,
  type Proof,
  prove,
} from '../../../connections/index.ts'
import { credentialHost } from '../../../credentials/host.ts'
import { plannedChecks, probeForge } from '../../../forges/index.ts'
import { redact } from '../../../secrets/secret.ts'
import type { ServerContext } from '../../context.ts'
import {
  ownerSchema,
  ownerWishSchema,
  type ValidateWish,
  type Validation,
  validateWishSchema,
} from '../../contract/connections.ts'
import { jobSchema } from '../../contract/live.ts'
import { defineRoute } from '../../http/route.ts'
import type { RunningJob } from '../../jobs/jobs.ts'
import { redactedJson } from '../../redact-data.ts'
import { administrator, everything } from './needs.ts'
import { sealOf } from './seal.ts'
import { checkTeller } from './tell.ts'
import { credentialOf, proofView } from './view.ts'

const sealPurpose = 'connection proofs'

/** Looks at unsaved input, live: never a failure of the request, whatever the host says. */
export const validateConnection = defineRoute({
  method: 'post',
  path: '/api/v1/connections/validate',
  tag: 'connections',
  summary: 'Prove a connection before it is saved',
  description:
    'Answers with a job; its steps are the checks, in the order in which they run. The result of the job is what saving asks for.',
  needs: administrator,
  body: validateWishSchema,
  answer: jobSchema,
  status: 202,
  audit: { none: 'the job writes the entry' },
  async handle({ context, who, body }) {
    const { draft, credential } = await wishOf(context, body)
    return context.jobs.start({
      kind: 'connection.validate',
      object: `connection ${draft.name} to ${draft.host}`,
      who,
      scope: everything,
      steps: plannedChecks(draft.kind),
      run: job => validate(context, draft, credential, body.probe === true, job),
    })
  },
})

/** Says whether the host knows an owner, for a form that is being filled in. */
export const lookUpOwner = defineRoute({
  method: 'post',
  path: '/api/v1/connections/owners',
  tag: 'connections',
  summary: 'Look up an organization, group or user on a Git host',
  needs: administrator,
  body: ownerWishSchema,
  answer: ownerSchema,
  audit: { none: 'only reads from the host' },
  async handle({ context, body, http }) {
    const { draft, credential } = await wishOf(context, body)
    if (draft.kind === 'git') return {}
    // Who types on asks again, and no longer waits for this.
    const signal = AbortSignal.any([http.req.raw.signal, context.signal, AbortSignal.timeout(15_000)])
    const forge = openConnection(draft, credential, { clock: context.clock, maxWaitMs: 2000 })
    try {
      const owner = await forge.owner(draft.settings.owner, signal)
      return owner === undefined ? {} : { owner: { ...owner } }
    } catch (error) {
      // Somebody is typing: that a host says no to half a token is no failure of the request.
      return { why: redact(asSluiceError(error).message) }
    } finally {
      await forge.close()
    }
  },
})

/** What is meant: the draft, and its credential, which may be the saved one where that was given for the same host. */
export async function wishOf(
  context: ServerContext,
  wish: Pick<ValidateWish, 'draft' | 'credential' | 'connection'>,
): Promise<{ draft: ConnectionDraft; credential: ConnectionCredential }> {
  const draft = checkDraft(wish.draft)
  if (wish.credential) return { draft, credential: credentialOf(wish.credential) }
  if (wish.connection === undefined)
    throw new SluiceError('E_CONNECTION_CREDENTIAL', { object: `connection ${draft.name}`, seen: 'none' })
  const saved = await context.connections.get(wish.connection)
  if (saved.kind !== draft.kind || !sameHost(saved.host, draft)) {
    throw new SluiceError('E_CONNECTION_CREDENTIAL', {
      object: `connection ${draft.name}`,
      expected: `a credential for ${draft.host}`,
      seen: `the one of ${saved.host}, which goes nowhere else`,
    })
  }
  return { draft, credential: await context.connections.credential(saved.id) }
}

export function sameHost(saved: string, { kind, host }: ConnectionDraft): boolean {
  if (kind === 'git') return saved === host
  const plain = (text: string) => `${/^http:\/\//i.test(text) ? 'http' : 'https'} ${credentialHost(text)}`
  return plain(saved) === plain(host)
}

async function validate(
  context: ServerContext,
  draft: ConnectionDraft,
  credential: ConnectionCredential,
  probe: boolean,
  job: RunningJob,
): Promise<Validation> {
  const { clock, logger } = context
  const onWait = ({ ms, reason }: { ms: number; reason: string }) =>
    job.step('waiting', {
      title: `the host wants a pause of ${Math.ceil(ms / 1000)} s`,
      state: 'warned',
      detail: reason,
    })
  const forge = openConnection(draft, credential, { clock, logger, onWait })
  try {
    const lines = prove(forge, draft, { clock, signal: job.signal })
    const tell = checkTeller(job, draft.kind)
    let proof: Proof
    for (;;) {
      const next = await lines.next()
      if (next.done) {
        proof = next.value
        break
      }
      tell(next.value)
    }
    if (probe && proof.outcome === 'proven') proof = await probed(context, draft, proof, forge, job, tell)
    // As it is kept with the job, and read again when it is saved.
    proof = JSON.parse(redactedJson(proof)) as Proof
    job.note({ detail: { host: draft.host, outcome: proof.outcome } })
    return { proof: proofView(proof), seal: await sealFor(context, draft, credential, proof) }
  } finally {
    await forge.close()
  }
}

async function probed(
  context: ServerContext,
  draft: ConnectionDraft,
  proof: Proof,
  forge: ReturnType<typeof openConnection>,
  job: RunningJob,
  tell: ReturnType<typeof checkTeller>,
): Promise<Proof> {
  const lines = [...proof.lines]
  const { clock } = context
  for await (const line of probeForge(forge, namesOfTarget(draft), { clock, signal: job.signal })) {
    lines.push(line)
    tell(line)
  }
  return { ...proof, lines, outcome: outcomeOf(lines) }
}

/** The seal of a proof of exactly this. */
export async function sealFor(
  context: ServerContext,
  draft: ConnectionDraft,
  credential: ConnectionCredential,
  proof: Proof,
): Promise<string> {
  return sealOf(await context.keyring.derive(sealPurpose), draft, credential, proof)
}
