import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { ForgeInfo, ForgeKindName, SomeConnection } from '../../../../src/server/contract/connections.ts'
import { cx } from '../../ui/class-names.ts'
import { StateBadge } from '../../ui/state.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import styles from './gitops.module.css'
import { isWhole } from './glance-panel.tsx'
import { hostNames } from './hosts.ts'
import { ticks } from './tick.ts'

export const connectionHref = (id: string): string => `/gitops?connection=${encodeURIComponent(id)}`
export const newHref = (kind: ForgeKindName): string => `/gitops?new=${kind}`

/** What is connected, and what could be. */
export function HostCards({
  connections,
  forges,
  current,
  mayConnect,
}: {
  connections: readonly SomeConnection[]
  forges: readonly ForgeInfo[]
  /** Id of the connection, or kind of the new one, that is shown below. */
  current: string | undefined
  mayConnect: boolean
}) {
  const used = new Set(connections.map(one => one.kind))
  const big = (['github', 'gitlab'] as const).filter(kind => !used.has(kind))
  const others = forges.filter(forge => forge.kind !== 'github' && forge.kind !== 'gitlab')
  return (
    <ul className={styles.cards} aria-label="Git hosts">
      {connections.map(one => (
        <li key={one.id}>
          <ConnectionCard connection={one} current={current === one.id} />
        </li>
      ))}
      {mayConnect &&
        big.map(kind => (
          <li key={kind}>
            <Link
              href={newHref(kind)}
              className={cx(styles.card, current === kind && styles.currentCard)}
              aria-current={current === kind ? 'true' : undefined}
            >
              <CardHead title={hostNames[kind]} />
              <span className={styles.quiet}>not connected</span>
              <span className={styles.cardVerb}>Connect</span>
            </Link>
          </li>
        ))}
      {mayConnect && (
        <li className={cx(styles.card, styles.plainCard)}>
          <CardHead title={big.length === 0 ? 'Another host' : 'More hosts'} />
          <span className={styles.kinds}>
            {(big.length === 0 ? forges : others).map(forge => (
              <Link
                key={forge.kind}
                href={newHref(forge.kind)}
                aria-current={current === forge.kind ? 'true' : undefined}
              >
                {hostNames[forge.kind]}
              </Link>
            ))}
          </span>
        </li>
      )}
    </ul>
  )
}

function ConnectionCard({ connection, current }: { connection: SomeConnection; current: boolean }) {
  const { id, name, kind, host, state, reason, provenAt, isDefault } = connection
  const whole = isWhole(connection) ? connection : undefined
  const proof = whole?.proof
  const { state: colour, word } = ticks[state]
  const place = whole === undefined || kind === 'git' ? host : whole.settings.owner
  return (
    <Link
      href={connectionHref(id)}
      className={cx(styles.card, current && styles.currentCard)}
      aria-current={current ? 'true' : undefined}
    >
      <CardHead title={name}>
        <StateBadge state={colour} soft>
          {word}
        </StateBadge>
      </CardHead>
      <span className={styles.cardPlace}>
        {hostNames[kind]}
        {place !== name && <code>{place}</code>}
        {isDefault && <span className={styles.tag}>default</span>}
      </span>
      <span className={styles.quiet}>
        {state === 'proven' || state === 'attention' ? (
          <>
            proven {provenAt === undefined ? 'never' : <RelativeTime at={provenAt} />}
            {proof?.expiresAt !== undefined && (
              <>
                {' · '}token ends <RelativeTime at={proof.expiresAt} />
              </>
            )}
          </>
        ) : (
          reason
        )}
      </span>
    </Link>
  )
}

function CardHead({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <span className={styles.cardHead}>
      <strong>{title}</strong>
      {children}
    </span>
  )
}
