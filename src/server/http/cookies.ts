import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'

/**
 * The cookie of the session. Over HTTPS its name makes browsers keep it to this host; over HTTP, which is on loopback
 * only, it carries the port, because cookies do not tell ports of a host apart.
 */
function cookieName(secure: boolean, origin: string): string {
  return secure ? '__Host-sluice' : `sluice-${new URL(origin).port || '80'}`
}

interface Place {
  readonly secure: boolean
  readonly origin: string
}

export function sessionCookie(http: Context, { secure, origin }: Place): string | undefined {
  return getCookie(http, cookieName(secure, origin))
}

export function setSessionCookie(http: Context, { secure, origin }: Place, value: string, maxAgeSeconds: number): void {
  setCookie(http, cookieName(secure, origin), value, {
    path: '/',
    httpOnly: true,
    secure,
    sameSite: 'Lax',
    maxAge: maxAgeSeconds,
  })
}

export function clearSessionCookie(http: Context, { secure, origin }: Place): void {
  deleteCookie(http, cookieName(secure, origin), { path: '/', secure })
}
