import { Link } from 'wouter'
import type { SomeConnection } from '../../../../src/server/contract/connections.ts'
import { useResource } from '../../data/resource.ts'
import { useMay } from '../../data/session.tsx'
import { type State, StateIcon, stateOrder } from '../../ui/state.tsx'
import { Tooltip } from '../../ui/tooltip.tsx'
import styles from './gitops.module.css'
import { ticks } from './tick.ts'

/** In the top bar: whether the Git hosts are proven, by the worst of them. */
export function HealthDot() {
  const may = useMay()
  const { data } = useResource<{ connections: SomeConnection[] }>('/connections', {
    topics: ['connections'],
    enabled: may('viewer'),
  })
  if (data === undefined) return null
  const { state, words } = healthOf(data.connections)
  return (
    <Tooltip text={words}>
      <Link href="/gitops" className={styles.dot} aria-label={words}>
        <StateIcon state={state} />
      </Link>
    </Tooltip>
  )
}

function healthOf(connections: readonly SomeConnection[]): { readonly state: State; readonly words: string } {
  if (connections.length === 0) return { state: 'attention', words: 'No Git host is connected' }
  const worst = stateOrder
    .map(state => connections.find(one => ticks[one.state].state === state))
    .find(one => one !== undefined)
  if (worst === undefined || worst.state === 'proven')
    return {
      state: 'agreed',
      words:
        connections.length === 1
          ? 'The Git connection is proven'
          : `All ${connections.length} Git connections are proven`,
    }
  return { state: ticks[worst.state].state, words: `${worst.name}: ${worst.reason}` }
}
