import { useEffect, useRef } from 'react'
import type { ConnectionGlance, ConnectionView, SomeConnection } from '../../../../src/server/contract/connections.ts'
import { Facts } from '../../ui/section.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import styles from './gitops.module.css'
import { hostNames } from './hosts.ts'
import { ticks } from './tick.ts'
import { Verdict } from './verdict.tsx'

/** Whether the server tells all of a connection, as it does to administrators of everything. */
export function isWhole(connection: SomeConnection): connection is ConnectionView {
  return 'settings' in connection
}

/** A connection for those who do not set it: whether their places deploy, and why not. */
export function GlancePanel({ connection, takeFocus }: { connection: ConnectionGlance; takeFocus: boolean }) {
  const { name, kind, host, state, reason, provenAt, lookedAt, isDefault, bindings } = connection
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (takeFocus) heading.current?.focus({ preventScroll: true })
  }, [takeFocus])
  return (
    <section className={styles.panel} aria-label={name}>
      <header className={styles.panelHead}>
        <h2 ref={heading} tabIndex={-1}>
          {name}
        </h2>
        <StateBadge state={ticks[state].state}>{ticks[state].word}</StateBadge>
      </header>
      <div className={styles.overview}>
        <Verdict state={ticks[state].state}>
          {state === 'proven'
            ? 'Every check passed. Whatever is bound to this connection deploys by commit.'
            : state === 'attention'
              ? `It still holds, and deploys go on; but ${reason}.`
              : `Nothing deploys with this connection: ${reason}. An administrator mends it here.`}
        </Verdict>
        <div className={styles.glance}>
          <Facts
            facts={[
              {
                name: hostNames[kind],
                value: <code>{host}</code>,
              },
              { name: 'Proven', value: provenAt === undefined ? 'never' : <RelativeTime at={provenAt} /> },
              ...(lookedAt === undefined ? [] : [{ name: 'Last looked', value: <RelativeTime at={lookedAt} /> }]),
              {
                name: 'Used for',
                value: (
                  <>
                    {isDefault && <p>whatever no other connection is bound to</p>}
                    {bindings.map(({ project, environment }) => (
                      <p key={`${project} ${environment}`}>
                        <code>{project}</code> in <code>{environment}</code>
                      </p>
                    ))}
                  </>
                ),
              },
            ]}
          />
        </div>
      </div>
    </section>
  )
}
