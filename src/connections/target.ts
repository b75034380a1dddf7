import type { TokenTarget } from '../forges/index.ts'
import { checkRepositoryUrl } from '../git/index.ts'
import type { ConnectionDraft } from './types.ts'

/** What a connection's credential has to be good for. */
export function namesOfTarget({ settings }: ConnectionDraft): TokenTarget {
  return {
    owner: settings.owner,
    personal: settings.personal,
    repository: settings.repository,
    branch: settings.branch,
    private: settings.visibility !== 'public',
    review: settings.review !== 'never',
  }
}

/** The host alone: a connection to any Git server has the address of its repository in the place of one. */
export function shownHost({ kind, host }: Pick<ConnectionDraft, 'kind' | 'host'>): string {
  return kind === 'git' ? checkRepositoryUrl(host).host : host
}

/** Name of the repository of an application, as the template of a connection makes it. */
export function repositoryNameFor(template: string, names: { readonly app: string; readonly project: string }): string {
  return template.replaceAll('{app}', names.app).replaceAll('{project}', names.project)
}
