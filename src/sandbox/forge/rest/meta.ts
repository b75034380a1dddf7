import type { Route } from './answer.ts'
import { countRequest } from './rate.ts'

/** What the server says of itself. */
export const metaRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/',
    handle: ({ context }) => ({
      body: {
        current_user_url: `${context.url}/api/v3/user`,
        repository_url: `${context.url}/api/v3/repos/{owner}/{repo}`,
      },
    }),
  },
  {
    method: 'GET',
    path: '/meta',
    handle: () => ({ body: { verifiable_password_authentication: false, installed_version: '3.16.0' } }),
  },
  {
    method: 'GET',
    path: '/rate_limit',
    handle: ({ context, caller, url }) => {
      const { limit, used, remaining, reset } = countRequest(context, caller, url.pathname)
      const core = { limit, used, remaining, reset }
      return { body: { resources: { core }, rate: core } }
    },
  },
]
