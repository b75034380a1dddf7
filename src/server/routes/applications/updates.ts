import { z } from 'zod'
import type { Principal } from '../../../access/index.ts'
import { scopeOf } from '../../applications/apps-in-git.ts'
import { updatesOf } from '../../applications/updates.ts'
import type { ServerContext } from '../../context.ts'
import { updatesSchema } from '../../contract/updates.ts'
import { defineRoute } from '../../http/route.ts'
import { appParams } from './read.ts'

const readUpdates = defineRoute({
  method: 'get',
  path: '/api/v1/applications/{app}/updates',
  tag: 'applications',
  summary: 'Newer versions of the chart and the images of an application, asked for now',
  needs: {
    role: 'operator',
    scope: ({
      context,
      who,
      params,
      query,
    }: {
      readonly context: ServerContext
      readonly who: Principal
      readonly params: { readonly app: string }
      readonly query: { readonly environment: string }
    }) => scopeOf(context, who, params.app, query.environment),
  },
  params: appParams,
  query: z.object({ environment: z.string().min(1).max(100) }),
  answer: updatesSchema,
  handle: ({ context, params, query }) => updatesOf(context, params.app, query.environment),
})

export const updateRoutes = [readUpdates]
