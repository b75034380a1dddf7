import { flush, packet, packetAt } from './pkt-line.ts'
import type { PushHead } from './push-commands.ts'

/** Reads which refs receive-pack moved, from its answer as it streams by: `ok <ref>` lines, plain or in side band 1. */
export class PushReportReader {
  readonly #sideBand: boolean
  #outer = Buffer.alloc(0)
  #inner = Buffer.alloc(0)
  readonly #moved = new Set<string>()

  constructor(head: PushHead) {
    this.#sideBand = head.capabilities.has('side-band-64k') || head.capabilities.has('side-band')
  }

  /** The refs that were moved, as far as the answer was seen. */
  get moved(): ReadonlySet<string> {
    return this.#moved
  }

  /** Takes the next bytes of the answer. */
  push(chunk: Buffer): void {
    if (!this.#sideBand) {
      this.#inner = this.#lines(Buffer.concat([this.#inner, chunk]), body => this.#line(body))
      return
    }
    this.#outer = this.#lines(Buffer.concat([this.#outer, chunk]), body => {
      if (body[0] === 1)
        this.#inner = this.#lines(Buffer.concat([this.#inner, body.subarray(1)]), line => this.#line(line))
    })
  }

  #lines(bytes: Buffer, take: (body: Buffer) => void): Buffer<ArrayBuffer> {
    let at = 0
    for (;;) {
      const found = packetAt(bytes, at)
      if (found === 'partial') return Buffer.from(bytes.subarray(at))
      if (found === 'broken') return Buffer.alloc(0)
      if (found.body) take(found.body)
      at = found.end
    }
  }

  #line(body: Buffer): void {
    const text = body.toString('utf8').replace(/\n$/, '')
    if (text.startsWith('ok ')) this.#moved.add(text.slice(3))
  }
}

/** The answer to a push that a rule refuses: `words` for the person, and a reason for each ref. */
export function refusedPush(head: PushHead, words: readonly string[], reason: (ref: string) => string): Buffer {
  const report = Buffer.concat([
    packet('unpack ok\n'),
    ...head.commands.map(command => packet(`ng ${command.ref} ${reason(command.ref)}\n`)),
    flush,
  ])
  if (!head.capabilities.has('side-band-64k')) return report
  const parts = words.map(line => packet(Buffer.concat([Buffer.from([2]), Buffer.from(`${line}\n`)])))
  return Buffer.concat([...parts, packet(Buffer.concat([Buffer.from([1]), report])), flush])
}
