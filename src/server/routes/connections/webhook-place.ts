import type { Connection } from '../../../connections/index.ts'
import type { ServerContext } from '../../context.ts'

export function webhookPath(id: string): string {
  return `/api/v1/hooks/${id}`
}

/** At the first address of the server: the one for links. */
export function webhookAddress({ front }: ServerContext, id: string): string {
  return new URL(webhookPath(id), front.origins[0]).href
}

/** `acme/fleet`: what the server follows by this connection, or else what the connection is set for. */
export function repositoryName(context: ServerContext, connection: Connection): string | undefined {
  const url = followedUrl(context, connection)
  if (url !== undefined && URL.canParse(url)) return new URL(url).pathname.replace(/^\/|(\.git)?\/?$/g, '')
  const { owner, repository } = connection.settings
  return connection.kind === 'git' ? undefined : `${owner}/${repository}`
}

/** The address of the repository that the server follows by this connection. */
export function followedUrl({ repository }: ServerContext, { id }: Connection): string | undefined {
  const { state } = repository.known
  return state?.connection.id === id ? state.sync.url : undefined
}
