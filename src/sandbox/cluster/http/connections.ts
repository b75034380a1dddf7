import type { Socket } from 'node:net'

/** Connections of clients that have not proved who they are; more of them push out the oldest. */
const maxStrangers = 512

/**
 * All open connections. Those on which nobody has been authenticated are bounded: whoever opens thousands of them and
 * says nothing loses them again, and honest clients still get in.
 */
export class Connections {
  /** Raw TCP sockets by their peer, oldest first: the TLS socket on top of one has the same peer. */
  readonly #strangers = new Map<string, Socket>()
  readonly #all = new Set<Socket>()
  readonly #known = new WeakSet<object>()

  /** Takes in a new TCP connection. */
  opened(socket: Socket): void {
    const peer = peerOf(socket)
    this.#all.add(socket)
    this.#strangers.set(peer, socket)
    socket.once('close', () => {
      this.#all.delete(socket)
      if (this.#strangers.get(peer) === socket) this.#strangers.delete(peer)
    })
    if (this.#strangers.size <= maxStrangers) return
    for (const [oldest, stranger] of this.#strangers) {
      this.#strangers.delete(oldest)
      stranger.destroy()
      return
    }
  }

  /** Somebody has been authenticated on this connection (TLS socket). */
  trust(socket: Socket): void {
    if (this.#known.has(socket)) return
    this.#known.add(socket)
    this.#strangers.delete(peerOf(socket))
  }

  /** Ends all of them at once. */
  destroyAll(): void {
    for (const socket of this.#all) socket.destroy()
  }
}

function peerOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`
}
