import { redact } from '../../secrets/secret.ts'
import { type RepositoryView, repositorySchema } from '../contract/repository.ts'
import { defineRoute } from '../http/route.ts'
import { commitUrl, commitView } from '../repository/index.ts'

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
  async handle({ context }): Promise<RepositoryView> {
    await context.repository.read().catch(() => {})
    const { state, problem } = context.repository.known
    const tip = await state?.mirror.commit(state.tip)
    return {
      state: problem === undefined ? 'ready' : (states[problem.code] ?? 'unreachable'),
      ...(problem && { problem: { code: problem.code, message: redact(problem.message), next: redact(problem.next) } }),
      ...(state && {
        url: state.sync.url,
        branch: state.sync.branch,
        path: state.sync.path,
        fetchedAt: state.fetchedAt,
        connection: { id: state.connection.id, name: state.connection.name, host: state.connection.host },
      }),
      ...(state && tip && { tip: commitView(tip, commitUrl(state.connection, state.sync.url, tip.sha)) }),
    }
  },
})

export const repositoryRoutes = [readRepository]
