import type { Route } from './answer.ts'
import { branchRoutes } from './branches.ts'
import { commitRoutes } from './commits.ts'
import { contentRoutes } from './contents.ts'
import { hookRoutes } from './hooks.ts'
import { keyRoutes } from './keys.ts'
import { metaRoutes } from './meta.ts'
import { organizationRoutes } from './organizations.ts'
import { protectionRoutes } from './protections.ts'
import { pullRoutes } from './pulls.ts'
import { refRoutes } from './refs.ts'
import { repositoryRoutes } from './repositories.ts'
import { userRoutes } from './users.ts'

/** Every operation of the API. */
export const routes: readonly Route[] = [
  ...metaRoutes,
  ...userRoutes,
  ...organizationRoutes,
  ...repositoryRoutes,
  ...contentRoutes,
  ...protectionRoutes,
  ...branchRoutes,
  ...refRoutes,
  ...commitRoutes,
  ...keyRoutes,
  ...hookRoutes,
  ...pullRoutes,
]

/** The route of a method and path, with the parts that it names. */
export interface FoundRoute {
  readonly route: Route
  readonly params: Record<string, string>
}

/** Makes a finder for routes, which answers undefined when there is none. */
export function routeFinder(routes: readonly Route[]): (method: string, path: string) => FoundRoute | undefined {
  const compiled = routes.map(route => ({ route, pattern: patternOf(route.path) }))
  return (method, path) => findIn(compiled, method, path)
}

/** The route of a request to GitHub's API. */
export const findRoute = routeFinder(routes)

function findIn(
  compiled: readonly { route: Route; pattern: RegExp }[],
  method: string,
  path: string,
): FoundRoute | undefined {
  for (const { route, pattern } of compiled) {
    if (route.method !== method) continue
    const found = pattern.exec(path)
    if (!found) continue
    try {
      const groups: Record<string, string | undefined> = found.groups ?? {}
      const entries = Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value ?? '')])
      return { route, params: Object.fromEntries(entries) }
    } catch {
      return undefined
    }
  }
  return undefined
}

function patternOf(path: string): RegExp {
  const source = path.replace(/:(\w+)/g, '(?<$1>[^/]+)').replace(/\/\*(\w+)/g, '(?:/(?<$1>.*))?')
  return new RegExp(`^${source}/?$`)
}
