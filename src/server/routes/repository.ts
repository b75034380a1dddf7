import type { Principal } from '../../access/index.ts'
import { shownHost } from '../../connections/index.ts'
import { redact } from '../../secrets/secret.ts'
import { tipView } from '../applications/visible-commits.ts'
import { type RepositoryView, repositorySchema } from '../contract/repository.ts'
import { defineRoute } from '../http/route.ts'
import type { RepositoryState } from '../repository/index.ts'
import { seesConnection } from '../visible-connections.ts'

const states: Readonly<Record<string, RepositoryView['state']>> = {
  E_FLEET_NO_SYNC: 'none',
  E_FLEET_OTHER_HOST: 'no-connection',
  E_GATE_CLOSED: 'no-connection',
}

const readRepository = defineRoute({
  method: 'get',
  path: '/api/v1/repository',
  tag: 'repository',
  summary: 'The repository that the management cluster follows, as the server reads it',
  needs: { role: 'viewer', scope: 'somewhere' },
  answer: repositorySchema,
  async handle({ context, who }): Promise<RepositoryView> {
    await context.repository.read().catch(() => {})
    const { state, problem } = context.repository.known
    return {
      state: problem === undefined ? 'ready' : (states[problem.code] ?? 'unreachable'),
      ...(problem && { problem: { code: problem.code, message: redact(problem.message), next: redact(problem.next) } }),
      ...(state && {
        url: state.sync.url,
        branch: state.sync.branch,
        path: state.sync.path,
        fetchedAt: state.fetchedAt,
        ...connectionIn(who, state),
      }),
      ...(state && { tip: await tipView(who, state) }),
    }
  },
})

/** Which one it is, for those who see it. */
function connectionIn(who: Principal, { connection }: RepositoryState): Pick<RepositoryView, 'connection'> {
  if (!seesConnection(who, connection)) return {}
  return { connection: { id: connection.id, name: connection.name, host: shownHost(connection) } }
}

export const repositoryRoutes = [readRepository]
