import { withCluster } from '../connect.ts'
import { type CliIo, note } from '../io.ts'
import type { ClusterOptions } from './command.ts'

/** Says on standard error that a change of the engine was left midway. A list is never held up by it. */
export async function warnOfStanding(options: ClusterOptions, io: CliIo): Promise<void> {
  const { engineStanding, standingWarning } = await import('../../engine/leader/standing.ts')
  const warning = await withCluster(options, io, async ({ client }) =>
    standingWarning(await engineStanding(client, new Date(), io.signal)),
  ).catch(() => {
    io.signal.throwIfAborted()
    return undefined
  })
  if (warning !== undefined) note(io, `${io.err.attention('warning')} ${warning}`)
}
