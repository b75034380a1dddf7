import { Plus } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useLocation, useSearchParams } from 'wouter'
import type { ConnectionView, ForgeInfo, SomeConnection } from '../../../../src/server/contract/connections.ts'
import { queryClient } from '../../data/query-client.ts'
import { resourceKey, useResource } from '../../data/resource.ts'
import { useMay } from '../../data/session.tsx'
import { Page } from '../../frame/page.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { ConnectionForm } from './connection-form.tsx'
import { ConnectionPanel } from './connection-panel.tsx'
import styles from './gitops.module.css'
import { GlancePanel, isWhole } from './glance-panel.tsx'
import { connectionHref, HostCards, newHref } from './host-cards.tsx'
import { hostNames, isHostKind } from './hosts.ts'

/** Global configuration › GitOps: to which Git hosts Sluice commits, and what is proven of each. */
export function GitOpsPage() {
  const connections = useResource<{ connections: SomeConnection[] }>('/connections', { topics: ['connections'] })
  const forges = useResource<{ forges: ForgeInfo[] }>('/forges')
  const mayChange = useMay()('administrator', { project: '*', environment: '*' })
  const [, go] = useLocation()
  const [params] = useSearchParams()
  const error = connections.error ?? forges.error
  const ready = connections.data !== undefined && forges.data !== undefined
  const wanted = params.get('new') ?? undefined
  const kind = mayChange && isHostKind(wanted) ? wanted : undefined
  const list = connections.data?.connections ?? []
  const named = params.get('connection')
  const shown =
    kind !== undefined ? undefined : (list.find(one => one.id === named) ?? list.find(one => one.isDefault) ?? list[0])
  const takeFocus = useMoved(ready ? (kind ?? shown?.id ?? 'none') : undefined)
  return (
    <Page
      title="GitOps"
      lead="Sluice keeps desired state in Git. Nothing deploys until one connection is proven."
      actions={
        mayChange &&
        forges.data !== undefined && (
          <Menu
            trigger={
              <Button kind={list.length === 0 ? 'primary' : 'quiet'} icon={Plus}>
                Add connection
              </Button>
            }
          >
            {forges.data.forges.map(forge => (
              <MenuItem key={forge.kind} onSelect={() => go(newHref(forge.kind))}>
                {hostNames[forge.kind]}
              </MenuItem>
            ))}
          </Menu>
        )
      }
    >
      {!ready ? (
        error === null ? (
          <CardsSkeleton />
        ) : (
          <ErrorPanel
            error={error}
            onRetry={() => {
              void connections.refetch()
              void forges.refetch()
            }}
          />
        )
      ) : (
        <>
          <HostCards
            connections={list}
            forges={forges.data.forges}
            current={kind ?? shown?.id}
            mayConnect={mayChange}
          />
          {kind !== undefined ? (
            <NewConnection
              key={kind}
              forges={forges.data.forges}
              kind={kind}
              takeFocus={takeFocus}
              onSaved={saved => {
                queryClient.setQueryData<{ connections: SomeConnection[] }>(resourceKey('/connections'), before =>
                  before === undefined ? before : { connections: [...before.connections, saved] },
                )
                go(connectionHref(saved.id))
              }}
            />
          ) : shown !== undefined && !isWhole(shown) ? (
            <GlancePanel key={shown.id} connection={shown} takeFocus={takeFocus} />
          ) : shown !== undefined ? (
            <ConnectionPanel
              key={shown.id}
              connection={shown}
              forges={forges.data.forges}
              others={list.length - 1}
              takeFocus={takeFocus}
              onRemoved={() => go('/gitops')}
            />
          ) : (
            <EmptyState title="No Git host is connected">
              <p>
                {mayChange
                  ? 'Choose the host that keeps your repositories. Sluice proves the connection on what you enter, before anything is stored.'
                  : 'An administrator connects one here; until then nothing deploys.'}
              </p>
            </EmptyState>
          )}
        </>
      )}
    </Page>
  )
}

function NewConnection({
  forges,
  kind,
  takeFocus,
  onSaved,
}: {
  forges: readonly ForgeInfo[]
  kind: ForgeInfo['kind']
  takeFocus: boolean
  onSaved: (connection: ConnectionView) => void
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (takeFocus) heading.current?.focus({ preventScroll: true })
  }, [takeFocus])
  const forge = forges.find(one => one.kind === kind)
  if (forge === undefined) return null
  return (
    <section className={styles.panel} aria-label="New connection">
      <header className={styles.panelHead}>
        <h2 ref={heading} tabIndex={-1}>
          Connect {hostNames[kind]}
        </h2>
      </header>
      <ConnectionForm forges={forges} forge={forge} onSaved={onSaved} />
    </section>
  )
}

/** Whether somebody has gone from one part of the page to another: then its heading takes the focus. */
function useMoved(what: string | undefined): boolean {
  const first = useRef<string | undefined>(undefined)
  if (first.current === undefined && what !== undefined) first.current = what
  return what !== undefined && first.current !== what
}

function CardsSkeleton() {
  return (
    <div className={styles.cards} role="status" aria-label="Loading connections">
      {[1, 2, 3].map(one => (
        <div key={one} className={styles.card}>
          <Skeleton width="50%" />
          <Skeleton width="70%" />
          <Skeleton width="60%" />
        </div>
      ))}
    </div>
  )
}
