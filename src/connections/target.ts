import type { TokenTarget } from '../forges/index.ts'
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

/** Name of the repository of an application, as the template of a connection makes it. */
export function repositoryNameFor(template: string, names: { readonly app: string; readonly project: string }): string {
  return template.replaceAll('{app}', names.app).replaceAll('{project}', names.project)
}
