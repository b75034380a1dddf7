import { everything, type Principal } from '../../../access/index.ts'
import { scopeOf } from '../../applications/apps-in-git.ts'
import type { ServerContext } from '../../context.ts'

/** Lists, and what is filtered to what one's roles reach. */
export const listed = { role: 'viewer', scope: 'somewhere' } as const
/** What concerns every project. */
export const administrator = { role: 'administrator', scope: everything } as const
export const operatorOfAll = { role: 'operator', scope: everything } as const

interface InEnvironment {
  readonly who: Principal
  readonly context: ServerContext
  readonly params: { readonly app: string }
  readonly query: { readonly environment?: string | undefined }
}

/** A viewer of the application there; of it everywhere when no environment is named. */
export const viewerThere = {
  role: 'viewer',
  scope: ({ context, who, params, query }: InEnvironment) =>
    scopeOf(context, who, params.app, query.environment ?? '*'),
} as const
