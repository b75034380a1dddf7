import { GitBranch } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { GateView } from '../../../src/server/contract/connections.ts'
import { useResource } from '../data/resource.ts'
import { useMay } from '../data/session.tsx'
import { LinkButton } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { StateIcon } from '../ui/state.tsx'
import styles from './gate.module.css'

export interface GatePlace {
  readonly project?: string
  readonly environment?: string
}

/**
 * Whether something may be deployed there, kept current; undefined until it is known. The server asks the same when it
 * deploys: this is for what a page offers.
 */
export function useGate({ project, environment }: GatePlace = {}): GateView | undefined {
  return useResource<GateView>('/gate', { query: { project, environment }, topics: ['connections'] }).data
}

const whereOf = ({ connection }: GateView): string =>
  connection === undefined ? '/gitops' : `/gitops?connection=${encodeURIComponent(connection.id)}`

/** Above a page whose buttons commit: why they do nothing now, and the way to where that is mended. Nothing while they do. */
export function GateNotice(place: GatePlace) {
  const gate = useGate(place)
  const mayMend = useMay()('administrator', { project: '*', environment: '*' })
  if (gate === undefined || gate.open) return null
  return (
    <div className={styles.notice} role="status">
      <StateIcon state="attention" />
      <div className={styles.words}>
        <p className={styles.title}>Nothing deploys now</p>
        <p>{gate.why}</p>
      </div>
      {mayMend ? (
        <LinkButton small to={whereOf(gate)}>
          {verbOf(gate)}
        </LinkButton>
      ) : (
        <Link href={whereOf(gate)}>See the connection</Link>
      )}
    </div>
  )
}

/**
 * In place of an empty list: while the gate is closed, why there can be nothing yet and the one thing to do about it; else
 * the page's own empty state.
 */
export function GateOr({ children, ...place }: GatePlace & { children: ReactNode }) {
  const gate = useGate(place)
  const mayMend = useMay()('administrator', { project: '*', environment: '*' })
  if (gate === undefined) return null
  if (gate.open) return children
  return (
    <EmptyState
      icon={GitBranch}
      title="Nothing can be deployed yet"
      action={
        mayMend ? (
          <LinkButton kind="primary" to={whereOf(gate)}>
            {verbOf(gate)}
          </LinkButton>
        ) : undefined
      }
    >
      <p>{gate.why}</p>
      {!mayMend && <p>An administrator mends this under Global configuration › GitOps.</p>}
    </EmptyState>
  )
}

const verbOf = ({ connection }: GateView): string =>
  connection === undefined ? 'Connect a Git host' : `Look at ${connection.name}`
