import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import { longestMs } from '../../access/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { setSessionCookie } from '../http/cookies.ts'
import { type Call, defineRoute } from '../http/route.ts'
import { safePath } from '../http/safe-path.ts'

const cookie = 'sluice-oidc'
const backPath = '/api/v1/oidc/callback'

const begin = defineRoute({
  method: 'get',
  path: '/api/v1/oidc/begin',
  tag: 'session',
  summary: 'Sign in with the identity provider: redirects there',
  needs: { public: 'it is how one signs in' },
  query: z.object({ returnTo: z.string().max(1000).optional() }),
  async handle({ context, query, http, request }) {
    const { url, cookie: value } = await provider(context).begin(redirectUri(http), safePath(query.returnTo))
    // Lax: it has to come along when the provider sends the browser back.
    setCookie(http, cookie, value, {
      path: backPath,
      httpOnly: true,
      secure: request.secure,
      sameSite: 'Lax',
      maxAge: 600,
    })
    return http.redirect(url, 302)
  },
})

const finish = defineRoute({
  method: 'get',
  path: backPath,
  tag: 'session',
  summary: 'Where the identity provider sends the browser back to',
  needs: { public: 'the code of the provider and the cookie of the browser are the proof' },
  async handle({ context, http, request }) {
    const sent = getCookie(http, cookie)
    deleteCookie(http, cookie, { path: backPath, secure: request.secure })
    const facts = { address: request.address, requestId: request.id }
    try {
      const address = new URL(redirectUri(http))
      address.search = new URL(http.req.url).search
      const { userId, returnTo } = await provider(context).finish(address, sent)
      const id = await context.access.sessions.start(userId, 'oidc', request.address)
      const who = await context.access.sessions.find(id)
      setSessionCookie(http, http.get('facts'), id, longestMs / 1000)
      await context.audit.write({
        ...facts,
        ...(who ? { who } : {}),
        action: 'session.sign-in',
        object: `user ${who?.person.name ?? userId}`,
        outcome: 'done',
        detail: { via: 'oidc' },
      })
      return http.redirect(returnTo, 302)
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      await context.audit.write({
        ...facts,
        action: 'session.sign-in',
        object: 'sign-in by the identity provider',
        outcome: 'refused',
        detail: { error: error.code },
      })
      context.logger.warn('a sign-in by the identity provider did not work', {
        request: request.id,
        error: error.message,
      })
      // A person stands here, not a program: the sign-in page says what happened.
      return http.redirect(`/sign-in?problem=${error.code}`, 302)
    }
  },
})

function provider({ access }: Call<unknown, unknown, unknown>['context']) {
  if (access.oidc === undefined)
    throw new SluiceError('E_NOT_FOUND', {
      object: 'an identity provider',
      next: 'Start the server with --oidc-issuer and --oidc-client-id.',
    })
  return access.oidc
}

function redirectUri(http: Call<unknown, unknown, unknown>['http']): string {
  return `${http.get('facts').origin}${backPath}`
}

export const oidcRoutes = [begin, finish]
