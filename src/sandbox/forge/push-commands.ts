import { packetAt } from './pkt-line.ts'

/** One ref that a push wants to move. An id of zeros means that the ref is not there. */
export interface PushCommand {
  readonly before: string
  readonly after: string
  readonly ref: string
}

/** The head of a receive-pack request: everything before the pack. */
export interface PushHead {
  readonly commands: readonly PushCommand[]
  readonly capabilities: ReadonlySet<string>
}

/** The id that stands for no object. */
export const zeroId = '0'.repeat(40)

/**
 * Reads the commands at the start of a receive-pack request (gitprotocol-pack(5), "Reference Update Request"); `partial`
 * while more bytes must come, `broken` when it is no such request. A push certificate is not accepted.
 */
export function readPushHead(bytes: Buffer): PushHead | 'partial' | 'broken' {
  const commands: PushCommand[] = []
  let capabilities = new Set<string>()
  let at = 0
  for (;;) {
    const packet = packetAt(bytes, at)
    if (packet === 'partial' || packet === 'broken') return packet
    at = packet.end
    if (packet.body === undefined) return { commands, capabilities }
    const [line = '', extra] = packet.body.toString('utf8').replace(/\n$/, '').split('\0')
    if (extra !== undefined) capabilities = new Set(extra.trim().split(' '))
    if (/^shallow [0-9a-f]{40}$/.test(line)) continue
    const found = /^([0-9a-f]{40}) ([0-9a-f]{40}) (\S.*)$/.exec(line)
    if (!found) return 'broken'
    commands.push({ before: found[1]!, after: found[2]!, ref: found[3]! })
  }
}
