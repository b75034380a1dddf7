import {
  Activity,
  Boxes,
  GitBranch,
  KeyRound,
  type LucideIcon,
  MapPinned,
  Package,
  Server,
  Users,
  Workflow,
} from 'lucide-react'
import type { ComponentType } from 'react'
import type { Role } from '../../../src/server/contract/access.ts'

export interface PageEntry {
  /** A pattern of wouter: `/fleet`, `/applications/:name/*?`. The rail leads to what comes before the first parameter. */
  readonly path: string
  readonly title: string
  readonly icon?: LucideIcon
  /** Where it stands in the rail; without it, it is reached from other pages only. */
  readonly group?: 'main' | 'configuration'
  /** Shown to who holds this role anywhere; the server decides about each request. */
  readonly role?: Role
  /** The page, in a chunk of its own. */
  readonly load: () => Promise<ComponentType>
}

/** Every page of the console, in the rail's order. A page that is not here does not exist. */
export const pages: readonly PageEntry[] = [
  {
    path: '/fleet',
    title: 'Fleet',
    icon: Server,
    group: 'main',
    role: 'viewer',
    load: async () => (await import('./fleet/fleet-page.tsx')).FleetPage,
  },
  {
    path: '/fleet/add',
    title: 'Add a cluster',
    role: 'administrator',
    load: async () => (await import('./fleet/add/add-page.tsx')).AddClusterPage,
  },
  {
    path: '/fleet/:namespace/:name',
    title: 'Cluster',
    role: 'viewer',
    load: async () => (await import('./fleet/cluster-page.tsx')).ClusterPage,
  },
  {
    path: '/applications',
    title: 'Applications',
    icon: Boxes,
    group: 'main',
    load: async () => (await import('./applications/list-page.tsx')).ApplicationsPage,
  },
  {
    path: '/applications/new',
    title: 'Create application',
    role: 'operator',
    load: async () => (await import('./applications/new-page.tsx')).NewApplicationPage,
  },
  {
    path: '/applications/:name',
    title: 'Application',
    load: async () => (await import('./applications/application-page.tsx')).ApplicationPage,
  },
  {
    path: '/charts',
    title: 'Charts',
    icon: Package,
    group: 'main',
    load: async () => (await import('./charts/charts-page.tsx')).ChartsPage,
  },
  {
    path: '/charts/:repository/*',
    title: 'Chart',
    load: async () => (await import('./charts/chart-page.tsx')).ChartPage,
  },
  {
    path: '/reconciliation',
    title: 'Reconciliation',
    icon: Workflow,
    group: 'main',
    role: 'viewer',
    load: async () => (await import('./reconciliation/reconciliation-page.tsx')).ReconciliationPage,
  },
  {
    path: '/activity',
    title: 'Activity',
    icon: Activity,
    group: 'main',
    role: 'viewer',
    load: async () => (await import('./activity/activity-page.tsx')).ActivityPage,
  },
  {
    path: '/gitops',
    title: 'GitOps',
    icon: GitBranch,
    group: 'configuration',
    role: 'viewer',
    load: async () => (await import('./gitops/gitops-page.tsx')).GitOpsPage,
  },
  {
    path: '/environments',
    title: 'Environments',
    icon: MapPinned,
    group: 'configuration',
    load: async () => (await import('./environments/environments-page.tsx')).EnvironmentsPage,
  },
  {
    path: '/users',
    title: 'Users and roles',
    icon: Users,
    group: 'configuration',
    role: 'administrator',
    load: async () => (await import('./access/users-page.tsx')).UsersPage,
  },
  {
    path: '/tokens',
    title: 'API tokens',
    icon: KeyRound,
    group: 'configuration',
    load: async () => (await import('./access/tokens-page.tsx')).TokensPage,
  },
  { path: '/account', title: 'Account', load: async () => (await import('./access/account-page.tsx')).AccountPage },
]

export const groupTitles = { main: undefined, configuration: 'Global configuration' } as const

/** Where the rail's link of an entry leads. */
export function entryHref(entry: PageEntry): string {
  const fixed = entry.path.split(/\/[:*]/, 1)[0]!
  return fixed === '' ? '/' : fixed
}
