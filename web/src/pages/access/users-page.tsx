import { UserPlus } from 'lucide-react'
import type { User } from '../../../../src/server/contract/users.ts'
import { useResource } from '../../data/resource.ts'
import { Drawer, useDrawer } from '../../frame/drawer.tsx'
import { Page } from '../../frame/page.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import { grantsWords } from './grants.tsx'
import { NewUser } from './new-user.tsx'
import { UserDetails } from './user-details.tsx'

const columns: readonly Column<User>[] = [
  { id: 'name', header: 'Name', primary: true, width: '18%', cell: u => u.name, sort: u => u.name },
  { id: 'displayName', header: 'Display name', width: '18%', cell: u => u.displayName, sort: u => u.displayName },
  {
    id: 'state',
    header: 'State',
    width: '120px',
    cell: u => <StateBadge state={u.disabled ? 'paused' : 'agreed'}>{u.disabled ? 'Disabled' : 'Active'}</StateBadge>,
    sort: u => (u.disabled ? 1 : 0),
  },
  { id: 'roles', header: 'Roles', cell: u => grantsWords([...u.grants, ...u.grantsFromGroups]) },
  {
    id: 'via',
    header: 'Signs in with',
    width: '150px',
    from: 'medium',
    cell: u =>
      [u.hasPassword && 'password', u.oidcIssuer !== undefined && 'OIDC'].filter(Boolean).join(', ') || 'nothing yet',
  },
  {
    id: 'signedIn',
    header: 'Last here',
    width: '120px',
    align: 'end',
    cell: u => (u.signedInAt === undefined ? 'never' : <RelativeTime at={u.signedInAt} />),
    sort: u => (u.signedInAt === undefined ? undefined : Date.parse(u.signedInAt)),
  },
]

/** Who may do what, and where. */
export function UsersPage() {
  const { data, error, refetch } = useResource<{ users: User[] }>('/users', { topics: ['users'] })
  const drawer = useDrawer()
  const open = data?.users.find(u => u.id === drawer.shown)
  return (
    <Page
      title="Users and roles"
      lead="A role holds in a project and an environment. Viewers see, operators change by commit, administrators also manage Sluice itself."
      actions={
        <Button kind="primary" icon={UserPlus} onClick={() => drawer.show('new')}>
          Add user
        </Button>
      }
    >
      {error !== null && data === undefined ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <TableSkeleton label="Loading users" />
      ) : (
        <Table
          label="Users"
          columns={columns}
          rows={data.users}
          rowKey={u => u.id}
          rowState={u => (u.disabled ? 'paused' : undefined)}
          initialSort={{ column: 'name', descending: false }}
          current={drawer.shown}
          onOpen={u => drawer.show(u.id)}
        />
      )}
      {drawer.shown === 'new' && (
        <Drawer title="Add user" onClose={drawer.close}>
          <NewUser onMade={user => drawer.show(user.id)} />
        </Drawer>
      )}
      {open !== undefined && (
        <Drawer
          key={open.id}
          title={open.name}
          mark={open.disabled && <StateBadge state="paused">Disabled</StateBadge>}
          onClose={drawer.close}
        >
          <UserDetails user={open} />
        </Drawer>
      )}
    </Page>
  )
}
