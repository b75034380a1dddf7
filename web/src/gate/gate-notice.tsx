import { Link } from 'wouter'
import type { GateView } from '../../../src/server/contract/connections.ts'
import { useResource } from '../data/resource.ts'
import { useMay } from '../data/session.tsx'
import { LinkButton } from '../ui/button.tsx'
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

/** What a notice needs to know of the gate. */
type Gate = Pick<GateView, 'open' | 'why' | 'next'> & { readonly connection?: GateView['connection'] | undefined }

const whereOf = ({ connection }: Gate): string =>
  connection === undefined ? '/gitops' : `/gitops?connection=${encodeURIComponent(connection.id)}`

/** Above buttons that commit: why they do nothing now, and the way to where that is mended. Nothing while they do. */
export function GateNotice({ gate }: { gate: Gate | undefined }) {
  const mayMend = useMay()('administrator', { project: '*', environment: '*' })
  // Of a place that is not theirs nothing is told.
  if (gate === undefined || gate.open || gate.why === undefined) return null
  return (
    <div className={styles.notice} role="status">
      <StateIcon state="attention" />
      <div className={styles.words}>
        <p className={styles.title}>Nothing can be deployed now</p>
        <p>
          {gate.why} {gate.next}
        </p>
        {!mayMend && <p>An administrator mends this under Global configuration › GitOps.</p>}
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

/** The same for a page of a project or environment. */
export function GateNoticeFor(place: GatePlace) {
  return <GateNotice gate={useGate(place)} />
}

const verbOf = ({ connection }: Gate): string =>
  connection === undefined ? 'Connect a Git host' : `Look at ${connection.name}`
