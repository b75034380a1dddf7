import { Component, type ComponentType, lazy, type ReactNode, Suspense } from 'react'
import { Redirect, Route, Switch, useLocation } from 'wouter'
import { useMay } from '../data/session.tsx'
import { NotFoundPage } from '../pages/not-found.tsx'
import { entryHref, type PageEntry, pages } from '../pages/registry.ts'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Skeleton, TableSkeleton } from '../ui/skeleton.tsx'
import { Page } from './page.tsx'
import styles from './routes.module.css'

const loaded = new Map<PageEntry, ComponentType>(
  pages.map(entry => [entry, lazy(async () => ({ default: await entry.load() }))]),
)

/** The page of the address. Its code comes when it is first gone to. */
export function Routes() {
  const [path] = useLocation()
  const may = useMay()
  const first = pages.find(p => p.group !== undefined && (p.role === undefined || may(p.role)))
  return (
    <Failing key={path}>
      <Suspense fallback={<PageSkeleton />}>
        <Switch>
          {[...loaded].map(([entry, PageOf]) => (
            <Route key={entry.path} path={entry.path}>
              {entry.role === undefined || may(entry.role) ? <PageOf /> : <Refused entry={entry} />}
            </Route>
          ))}
          {first !== undefined && entryHref(first) !== '/' && (
            <Route path="/">
              <Redirect to={entryHref(first)} replace />
            </Route>
          )}
          <Route>
            <NotFoundPage />
          </Route>
        </Switch>
      </Suspense>
    </Failing>
  )
}

function Refused({ entry }: { entry: PageEntry }) {
  return (
    <Page title={entry.title}>
      <p className={styles.text}>
        This page is for the role {entry.role}, and you do not hold it. An administrator can give it to you under Users
        and roles.
      </p>
    </Page>
  )
}

function PageSkeleton() {
  return (
    <div className={styles.skeleton}>
      <Skeleton width="180px" />
      <TableSkeleton label="Loading the page" />
    </div>
  )
}

/** A page that fails leaves the frame standing; going elsewhere starts anew. */
class Failing extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error: error ?? new Error('nothing was thrown') }
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children
    return (
      <Page title="This page failed">
        <ErrorPanel error={this.state.error} onRetry={() => location.reload()} />
      </Page>
    )
  }
}
