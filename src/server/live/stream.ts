import type { Principal } from '../../access/index.ts'
import type { LiveHub } from './hub.ts'

/** What a tab may leave unread before it is let go. */
const mostUnreadBytes = 1024 * 1024
const encoder = new TextEncoder()

/** A stream of server-sent events for one tab. */
export function liveStream(
  hub: LiveHub,
  principal: Principal,
  topics: readonly string[],
  after: string | undefined,
): Response {
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
              return (controller.desiredSize ?? 0) > 0
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
