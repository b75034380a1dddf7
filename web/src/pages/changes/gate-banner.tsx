import { ShieldAlert } from 'lucide-react'
import type { GateView } from '../../../../src/server/contract/connections.ts'
import { useResource } from '../../data/resource.ts'
import { LinkButton } from '../../ui/button.tsx'
import styles from './changes.module.css'

/** Says why nothing can be deployed, and leads to where that is mended. Nothing while the gate is open. */
export function GateBanner({ project, environment }: { project?: string; environment?: string }) {
  const { data } = useResource<GateView>('/gate', { query: { project, environment }, topics: ['connections'] })
  if (data === undefined || data.open) return null
  return <GateWords why={data.why} next={data.next} />
}

export function GateWords({ why, next }: { why?: string | undefined; next?: string | undefined }) {
  return (
    <div className={styles.gate} role="status">
      <ShieldAlert size={16} aria-hidden />
      <p>
        <strong>Nothing can be deployed yet.</strong> {why ?? 'No Git connection is proven.'} {next}
      </p>
      <LinkButton small to="/gitops">
        Go to GitOps
      </LinkButton>
    </div>
  )
}
