import type { Principal } from '../../access/index.ts'
import type { LiveHub } from './hub.ts'

/** What a tab may leave unread before it is let go. */
const mostUnreadBytes = 1024 * 1024
const encoder = new TextEncoder()

export interface StreamOptions {
  readonly principal: Principal
  readonly topics: readonly string[]
  /** The last number that the tab has. */
  readonly after: string | undefined
  /**
   * Ends the connection at once. A stream that is only closed keeps what is unread, and the connection, for as long as the other
   * side likes: a tab that never reads would cost a megabyte each time it comes back.
   */
  drop(): void
}

/** A stream of server-sent events for one tab. */
export function liveStream(hub: LiveHub, { principal, topics, after, drop }: StreamOptions): Response {
  let leave: (() => void) | undefined
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let open = true
        const close = () => {
          if (!open) return
          open = false
          controller.close()
        }
        // How long a browser waits before it comes back.
        controller.enqueue(encoder.encode('retry: 2000\n\n'))
        leave = hub.listen(
          {
            principal,
            topics,
            send(bytes) {
              if (!open) return false
              controller.enqueue(bytes)
              if ((controller.desiredSize ?? 0) > 0) return true
              open = false
              drop()
              return false
            },
            close,
          },
          after,
        )
      },
      cancel() {
        leave?.()
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: mostUnreadBytes }),
  )
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // nginx would collect events otherwise.
      'x-accel-buffering': 'no',
    },
  })
}
