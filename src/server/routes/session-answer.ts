import type { Principal } from '../../access/index.ts'
import { version } from '../../base/version.ts'
import type { ServerContext } from '../context.ts'
import type { Session } from '../contract/access.ts'

/** Who is signed in, and how one can. */
export async function sessionAnswer({ access }: ServerContext, principal: Principal | undefined): Promise<Session> {
  const oidc = access.oidc
  return {
    ...(principal === undefined ? {} : { person: principal.person }),
    grants: [...(principal?.grants ?? [])],
    needsSetup: principal === undefined && (await access.setup.isNeeded()),
    signIn: {
      password: true,
      oidc: oidc === undefined ? [] : [{ id: 'default', title: oidc.title, href: '/api/v1/oidc/begin' }],
    },
    version,
  }
}
