import type { ServerResponse } from 'node:http'
import { z } from 'zod'
import { defineRoute } from '../http/route.ts'
import { liveStream } from '../live/stream.ts'
import { topicsFor } from '../live/topics.ts'

const live = defineRoute({
  method: 'get',
  path: '/api/v1/live',
  tag: 'live',
  summary: 'Changes as they happen (server-sent events)',
  description:
    'Events: `ready` at the start, `change` (a LiveChange), `reset` when something may have been missed: ask for everything again. ' +
    'A topic brings those below it too: `applications` brings `applications/shop`. `after` does what Last-Event-ID does, for a ' +
    'stream that is opened anew with other topics. A tab that does not keep up is let go, and comes back by itself.',
  needs: 'signed-in',
  query: z.object({ topics: z.string().min(1).max(4000), after: z.string().max(100).optional() }),
  contentType: 'text/event-stream',
  async handle({ context, who, query, http }) {
    const topics = await topicsFor(context, who, query.topics)
    const { outgoing } = http.env as { readonly outgoing?: ServerResponse }
    return liveStream(context.live, {
      principal: who,
      topics,
      after: http.req.header('last-event-id') ?? query.after,
      drop: () => outgoing?.destroy(),
    })
  },
})

export const liveRoutes = [live]
