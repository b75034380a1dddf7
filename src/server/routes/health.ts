import { SluiceError } from '../../base/errors/index.ts'
import { type AnyRoute, defineRoute } from '../http/route.ts'
import { openApiDocument } from '../openapi.ts'

const healthz = defineRoute({
  method: 'get',
  path: '/healthz',
  tag: 'operation',
  summary: 'Whether the process lives, and why its database takes no writes when it does not',
  needs: { public: 'a probe has no session; the answer says nothing else' },
  contentType: 'text/plain',
  async handle({ context, http }) {
    const why = context.store.trouble()
    // It lives, and pages can be read: a restart would end that.
    return http.text(why === undefined ? 'ok\n' : `ok, but the database takes no writes: ${why}\n`)
  },
})

const readyz = defineRoute({
  method: 'get',
  path: '/readyz',
  tag: 'operation',
  summary: 'Whether the server can work: its store answers and it is not ending',
  needs: { public: 'a probe has no session; the answer says nothing else' },
  contentType: 'text/plain',
  async handle({ context, http }) {
    if (context.signal.aborted) return http.text('ending\n', 503)
    return context.store.ping().then(
      () => http.text('ok\n'),
      () => http.text('the store does not answer\n', 503),
    )
  },
})

const metrics = defineRoute({
  method: 'get',
  path: '/metrics',
  tag: 'operation',
  summary: 'Metrics in the text format of Prometheus',
  description: 'From elsewhere than this machine it needs an API token: `authorization: Bearer slu_…`.',
  needs: { public: 'on loopback it is for this machine alone; elsewhere the handler asks for a token' },
  contentType: 'text/plain',
  async handle({ context, principal, http }) {
    if (!context.local && principal === undefined) throw new SluiceError('E_SIGNED_OUT')
    return http.body(context.metrics.text(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
  },
})

/** The description of all routes, itself among them. */
const openApi = (all: () => readonly AnyRoute[]) =>
  defineRoute({
    method: 'get',
    path: '/api/v1/openapi.json',
    tag: 'operation',
    summary: 'This description of the API',
    needs: { public: 'it is in the documentation too' },
    contentType: 'application/json',
    handle: async ({ http }) => http.json(openApiDocument(all()) as never),
  })

export const operationRoutes = (all: () => readonly AnyRoute[]) => [healthz, readyz, metrics, openApi(all)]
