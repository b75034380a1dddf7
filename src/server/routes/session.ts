import { z } from 'zod'
import { longestMs } from '../../access/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { Secret } from '../../secrets/secret.ts'
import { sessionSchema, setupSchema, signInSchema } from '../contract/access.ts'
import { passwordSchema, userNameSchema } from '../contract/users.ts'
import { clearSessionCookie, setSessionCookie } from '../http/cookies.ts'
import { type Call, defineRoute } from '../http/route.ts'
import { requirePerson } from '../require-person.ts'
import { sessionAnswer } from './session-answer.ts'

const getSession = defineRoute({
  method: 'get',
  path: '/api/v1/session',
  tag: 'session',
  summary: 'Who is signed in, and how one can sign in',
  needs: { public: 'the console asks before anybody is signed in' },
  answer: sessionSchema,
  handle: ({ context, principal }) => sessionAnswer(context, principal),
})

const signIn = defineRoute({
  method: 'post',
  path: '/api/v1/session',
  tag: 'session',
  summary: 'Sign in with name and password',
  needs: { public: 'it is how one signs in' },
  body: signInSchema,
  answer: sessionSchema,
  audit: { action: 'session.sign-in', object: ({ body }) => `user ${body.name}` },
  async handle(call) {
    const { context, body, request } = call
    const cookie = await context.access.sessions.signIn(body.name, Secret.of(body.password), request.address)
    return signedIn(call, cookie)
  },
})

const signOut = defineRoute({
  method: 'delete',
  path: '/api/v1/session',
  tag: 'session',
  summary: 'Sign out, here or everywhere',
  needs: 'signed-in',
  query: z.object({ everywhere: z.enum(['true', 'false']).optional() }),
  audit: { action: 'session.sign-out', object: 'session' },
  async handle({ context, who, query, http, note }) {
    const { sessions } = context.access
    requirePerson(who, `sessions of ${who.person.name}`)
    note({ object: `user ${who.person.name}`, detail: { everywhere: query.everywhere === 'true' } })
    if (query.everywhere === 'true') {
      await sessions.endAll(who.person.id)
      context.live.control({ kind: 'recheck', user: who.person.id })
    } else if (who.session !== undefined) {
      await sessions.end(who.session)
      context.live.endWhere(listener => listener.principal.session === who.session)
    }
    clearSessionCookie(http, http.get('facts'))
    return undefined
  },
})

/** No name of a user, and another one for each address: guesses from elsewhere lock nobody out of the link. */
const setupKey = (address: string): string => `\0setup ${address}`

const setUp = defineRoute({
  method: 'post',
  path: '/api/v1/setup',
  tag: 'session',
  summary: 'Set the administrator with the one-time link, and sign in',
  needs: { public: 'the secret of the link is the proof' },
  body: setupSchema.extend({ name: userNameSchema }),
  answer: sessionSchema,
  audit: { action: 'setup.administrator', object: ({ body }) => `user ${body.name}` },
  async handle(call) {
    const { context, body, request } = call
    const { setup, sessions, limiter } = context.access
    limiter.check(request.address, setupKey(request.address))
    const { secret, name, displayName, password } = body
    const user = await setup
      .use(secret, { name, password: Secret.of(password), ...(displayName === undefined ? {} : { displayName }) })
      .catch(error => {
        if (error instanceof SluiceError && error.code === 'E_SETUP_LINK')
          limiter.failed(request.address, setupKey(request.address))
        throw error
      })
    return signedIn(call, await sessions.start(user.id, 'password', request.address))
  },
})

const changePassword = defineRoute({
  method: 'put',
  path: '/api/v1/session/password',
  tag: 'session',
  summary: 'Change your own password; other sessions end',
  needs: 'signed-in',
  body: z.object({ current: z.string().min(1).max(1000), password: passwordSchema }),
  audit: { action: 'session.password', object: 'own password' },
  async handle({ context, who, body, request }) {
    const { sessions, users } = context.access
    requirePerson(who, `the password of ${who.person.name}`)
    // Proves the current one as a sign-in does, with its limits; the session that comes of it is not used.
    const proof = await sessions.signIn(who.person.name, Secret.of(body.current), request.address)
    const proven = await sessions.find(proof)
    if (proven?.session !== undefined) await sessions.end(proven.session)
    await users.setPassword(who.person.id, Secret.of(body.password), who.session)
    context.live.control({ kind: 'recheck', user: who.person.id })
    return undefined
  },
})

/** Sets the cookie and answers with the session. */
async function signedIn({ context, http }: Call<unknown, unknown, unknown>, cookie: string) {
  setSessionCookie(http, http.get('facts'), cookie, longestMs / 1000)
  return sessionAnswer(context, await context.access.sessions.find(cookie))
}

export const sessionRoutes = [getSession, signIn, signOut, setUp, changePassword]
