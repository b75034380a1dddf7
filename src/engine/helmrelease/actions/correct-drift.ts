import { formatRef, refOf } from '../../../kube/identity.ts'
import { messageOf } from '../../failure.ts'
import { kindRank } from '../../kustomization/stages.ts'
import type { Attempt, Wanted } from '../attempt.ts'
import { helmManager } from '../contract.ts'
import type { Drift } from '../drift/detect.ts'
import { fullName } from '../history.ts'

/** Sets right what has drifted, and nothing else: no revision is made. */
export async function correctDrift(attempt: Attempt, { client }: Wanted, drifts: readonly Drift[]): Promise<void> {
  const { conditions, latest, work } = attempt
  if (latest === undefined) return
  conditions.set('Ready', 'Unknown', 'Progressing', 'correcting cluster drift')
  const options = { fieldManager: helmManager, signal: work.signal }
  const done: string[] = []
  const failures: string[] = []
  const inOrder = [
    ...drifts
      .filter(({ patch }) => patch === undefined)
      .sort((a, b) => kindRank(a.object.kind) - kindRank(b.object.kind)),
    ...drifts.filter(({ patch }) => patch !== undefined),
  ]
  for (const { object, patch } of inOrder) {
    const ref = refOf(object)
    try {
      if (patch === undefined) await client.apply(object, { ...options, force: true })
      else await client.patch(ref, 'json', patch, options)
      done.push(`${formatRef(ref)} ${patch === undefined ? 'created' : 'configured'}`)
    } catch (error) {
      work.signal.throwIfAborted()
      // What the server says of a Secret may hold its values.
      const why = object.kind === 'Secret' ? 'the API server refused it' : messageOf(error)
      failures.push(`${formatRef(ref)} ${patch === undefined ? 'creation' : 'patch'} failure: ${why}`)
    }
  }
  const name = fullName(latest)
  if (failures.length > 0) {
    const partly = done.length > 0 ? `partially ` : ''
    const rest = done.length > 0 ? `\n\nSuccessful corrections:\n${done.join('\n')}` : ''
    const message = `Failed to ${partly}correct cluster state of release ${name}:\n${failures.join('\n')}${rest}`
    attempt.emit('error', 'DriftCorrectionFailed', message, latest)
  } else if (done.length > 0) {
    attempt.emit(
      'info',
      'DriftCorrected',
      `Cluster state of release ${name} has been corrected:\n${done.join('\n')}`,
      latest,
    )
  }
}
