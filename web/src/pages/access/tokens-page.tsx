import { KeyRound, Plus } from 'lucide-react'
import { useState } from 'react'
import type { ApiToken } from '../../../../src/server/contract/users.ts'
import { resourceKey, useChange, useResource } from '../../data/resource.ts'
import { useDrawer } from '../../frame/drawer.tsx'
import { Page } from '../../frame/page.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { type State, StateBadge } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import { grantsWords } from './grants.tsx'
import { NewToken } from './new-token.tsx'

const soonMs = 14 * 24 * 60 * 60_000

function stateOf(token: ApiToken): { readonly state: State; readonly words: string } {
  const left = Date.parse(token.endsAt) - Date.now()
  if (left <= 0) return { state: 'broken', words: 'Ended' }
  return left < soonMs ? { state: 'attention', words: 'Ends soon' } : { state: 'agreed', words: 'Valid' }
}

/** Tokens with which programs act for a person. */
export function TokensPage() {
  const { data, error, refetch } = useResource<{ tokens: ApiToken[] }>('/tokens')
  const drawer = useDrawer()
  const [removing, setRemoving] = useState<ApiToken>()
  const remove = useChange<void, ApiToken>(
    token => ({ path: `/tokens/${encodeURIComponent(token.id)}`, method: 'DELETE' }),
    { stale: [resourceKey('/tokens')], onDone: () => setRemoving(undefined) },
  )
  const columns: readonly Column<ApiToken>[] = [
    { id: 'name', header: 'Name', primary: true, width: '22%', cell: t => t.name, sort: t => t.name },
    {
      id: 'state',
      header: 'State',
      width: '130px',
      cell: t => <StateBadge state={stateOf(t).state}>{stateOf(t).words}</StateBadge>,
      sort: t => Date.parse(t.endsAt),
    },
    { id: 'roles', header: 'Roles', cell: t => grantsWords(t.grants) },
    {
      id: 'used',
      header: 'Last used',
      width: '120px',
      align: 'end',
      cell: t => (t.usedAt === undefined ? 'never' : <RelativeTime at={t.usedAt} />),
      sort: t => (t.usedAt === undefined ? undefined : Date.parse(t.usedAt)),
    },
    {
      id: 'ends',
      header: 'Ends',
      width: '120px',
      align: 'end',
      cell: t => <RelativeTime at={t.endsAt} />,
      sort: t => Date.parse(t.endsAt),
    },
    {
      id: 'remove',
      header: <span className="visually-hidden">Remove</span>,
      width: '104px',
      align: 'end',
      cell: t => (
        <Button small aria-label={`Remove ${t.name}`} onClick={() => setRemoving(t)}>
          Remove
        </Button>
      ),
    },
  ]
  const add = (
    <Button kind="primary" icon={Plus} onClick={() => drawer.show('new')}>
      Make token
    </Button>
  )
  return (
    <Page
      title="API tokens"
      lead="For programs that act in your name: each may do at most what you may, and ends by itself."
      actions={add}
    >
      {error !== null && data === undefined ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <TableSkeleton label="Loading tokens" />
      ) : (
        <Table
          label="API tokens"
          columns={columns}
          rows={data.tokens}
          rowKey={t => t.id}
          rowState={t => (stateOf(t).state === 'agreed' ? undefined : stateOf(t).state)}
          empty={
            <EmptyState icon={KeyRound} title="No tokens yet" action={add}>
              <p>A pipeline or script signs in with a token instead of your password. You have made none.</p>
            </EmptyState>
          }
        />
      )}
      {drawer.shown === 'new' && <NewToken onClose={drawer.close} />}
      <ConfirmDialog
        open={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        onConfirm={() => removing && remove.mutate(removing)}
        busy={remove.isPending}
        title={`Remove the token ${removing?.name ?? ''}`}
        confirm="Remove token"
        danger
      >
        <p>Programs that use it are refused from now on. Nothing changes in Git.</p>
        {remove.error !== null && <ErrorPanel error={remove.error} />}
      </ConfirmDialog>
    </Page>
  )
}
