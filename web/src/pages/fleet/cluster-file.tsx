import { useState } from 'react'
import type { ClusterFile, EditWish, FleetCluster } from '../../../../src/server/contract/fleet.ts'
import { type CodeNote, CodeView, YamlEditor } from '../../code/index.tsx'
import { useResource } from '../../data/resource.ts'
import { GateNotice, useGate } from '../../gate/gate-notice.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Revision } from '../../ui/revision.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import { ChangeForm } from './change-form.tsx'
import styles from './fleet.module.css'
import { usePreview } from './preview.tsx'
import { clusterApi, fleetPlace } from './words.ts'

/** The file of a cluster at the tip: to read, and for operators to change by a commit. */
export function ClusterFileTab({
  cluster,
  tip,
  operator,
}: {
  cluster: FleetCluster
  tip: string | undefined
  operator: boolean
}) {
  const { data, error } = useResource<ClusterFile>(`${clusterApi(cluster)}/file`, { topics: ['repository', 'fleet'] })
  const gate = useGate(fleetPlace(cluster.name))
  if (error !== null && data === undefined) return <ErrorPanel error={error} />
  if (data === undefined) return <TextSkeleton lines={12} label="Loading the file" />
  return (
    <div className={styles.stack}>
      <div className={styles.fileHead}>
        <code>{data.path}</code>
        <Revision compact hash={data.commit} />
      </div>
      {operator && <GateNotice gate={gate} />}
      {operator && gate?.open ? (
        <Editing key={data.path} cluster={cluster} file={data} tip={tip} />
      ) : (
        <CodeView tall label={data.path} text={data.text} />
      )}
    </div>
  )
}

function Editing({ cluster, file, tip }: { cluster: FleetCluster; file: ClusterFile; tip: string | undefined }) {
  // What was opened stays the ground of the edit, whatever Git has by now.
  const [opened, setOpened] = useState(file)
  const [text, setText] = useState(file.text)
  const path = `${clusterApi(cluster)}/edit`
  const changed = text !== opened.text
  const wish: EditWish | undefined = changed ? { text, version: opened.version } : undefined
  const preview = usePreview(`${path}/preview`, wish, tip, 400)
  const notes = (preview.data?.problems ?? []).map(
    (problem): CodeNote => ({ line: problem.line ?? 1, severity: 'error', message: problem.message }),
  )
  const load = (): void => {
    setOpened(file)
    setText(file.text)
  }
  return (
    <>
      {file.version !== opened.version && (
        <div className={styles.banner} role="status">
          <p>
            {changed
              ? 'The file was changed in Git since you opened it. Your text is kept; loading the new one drops it.'
              : 'The file was changed in Git.'}
          </p>
          <Button small onClick={load}>
            Load the new file
          </Button>
        </div>
      )}
      <YamlEditor tall label={`Edit ${file.path}`} value={text} onChange={setText} notes={notes} />
      <ChangeForm
        cluster={cluster.name}
        path={path}
        wish={wish}
        tip={tip}
        ms={400}
        hint="Change the text to see the commit before it is made. It is held against every rule as you type."
        done="Done"
        onReset={load}
      />
    </>
  )
}
