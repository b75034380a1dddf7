import type { AnyRoute } from '../http/route.ts'
import { activityRoutes } from './activity.ts'
import { applicationRoutes } from './applications/index.ts'
import { auditRoutes } from './audit.ts'
import { chartRoutes } from './charts/index.ts'
import { connectionRoutes } from './connections/index.ts'
import { fleetRoutes } from './fleet/index.ts'
import { operationRoutes } from './health.ts'
import { jobRoutes } from './jobs.ts'
import { liveRoutes } from './live.ts'
import { oidcRoutes } from './oidc.ts'
import { reconciliationRoutes } from './reconciliation/index.ts'
import { repositoryRoutes } from './repository.ts'
import { searchRoutes } from './search.ts'
import { sessionRoutes } from './session.ts'
import { tokenRoutes } from './tokens.ts'
import { userRoutes } from './users.ts'

/** Every route of the server: what is served, described, crawled by the tests. Add yours here. */
export function declaredRoutes(): readonly AnyRoute[] {
  return [
    ...sessionRoutes,
    ...oidcRoutes,
    ...userRoutes,
    ...tokenRoutes,
    ...connectionRoutes,
    ...fleetRoutes,
    ...repositoryRoutes,
    ...applicationRoutes,
    ...chartRoutes,
    ...reconciliationRoutes,
    ...activityRoutes,
    ...searchRoutes,
    ...auditRoutes,
    ...jobRoutes,
    ...liveRoutes,
    ...operationRoutes(declaredRoutes),
  ]
}
