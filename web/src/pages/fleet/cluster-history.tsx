import { useState } from 'react'
import type { FleetCluster } from '../../../../src/server/contract/fleet.ts'
import { useDrawer } from '../../frame/drawer.tsx'
import { GateNotice, useGate } from '../../gate/gate-notice.tsx'
import { Section } from '../../ui/section.tsx'
import { ChangeForm } from './change-form.tsx'
import styles from './fleet.module.css'
import { SizeHistoryList } from './size-history.tsx'
import { clusterApi, fleetPlace } from './words.ts'

/** Who changed which size, and what undoing it would commit. */
export function ClusterHistory({
  cluster,
  tip,
  operator,
}: {
  cluster: FleetCluster
  tip: string | undefined
  operator: boolean
}) {
  const gate = useGate(fleetPlace(cluster.name))
  const job = useDrawer('job')
  const [revert, setRevert] = useState<string>()
  return (
    <div className={styles.stack}>
      {operator && <GateNotice gate={gate} />}
      {(revert !== undefined || job.shown !== undefined) && (
        <ChangeForm
          cluster={cluster.name}
          path={`${clusterApi(cluster)}/scale`}
          wish={revert === undefined ? undefined : { revert }}
          tip={tip}
          hint=""
          done="Done"
          onReset={() => setRevert(undefined)}
        />
      )}
      <Section
        title="Changes of size"
        lead={operator ? 'Revert shows the commit that sets the sizes back before it is made.' : undefined}
      >
        <SizeHistoryList cluster={cluster} onRevert={operator && gate?.open ? setRevert : undefined} />
      </Section>
    </div>
  )
}
