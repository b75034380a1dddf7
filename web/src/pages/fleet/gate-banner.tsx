import { TriangleAlert } from 'lucide-react'
import { Link } from 'wouter'
import type { GateView as Gate } from '../../../../src/server/contract/connections.ts'
import { useResource } from '../../data/resource.ts'
import styles from './fleet.module.css'

/** Whether clusters can be changed from here; undefined until that is known. */
export function useFleetGate(cluster = '*'): Gate | undefined {
  return useResource<Gate>('/gate', { query: { project: 'fleet', environment: cluster }, topics: ['connections'] }).data
}

/** Why nothing can be committed, and where that is mended. */
export function GateBanner({ gate }: { gate: Gate | undefined }) {
  if (gate === undefined || gate.open) return null
  return (
    <div className={styles.banner} role="status">
      <TriangleAlert size={16} aria-hidden />
      <p>
        {gate.why} {gate.next} <Link href="/gitops">Open GitOps</Link>
      </p>
    </div>
  )
}
