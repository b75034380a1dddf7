import { useEffect, useState } from 'react'
import type { PlaceView } from '../../../../src/server/contract/applications.ts'
import { useResource } from '../../data/resource.ts'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import styles from './applications.module.css'

/** What a name gives, as it is typed: folder, namespaces, releases, the repository. */
export function Place({
  name,
  project,
  environments,
  own,
  onUsable,
}: {
  name: string
  project: string
  environments: readonly string[]
  own: boolean
  onUsable: (usable: boolean) => void
}) {
  const wanted = JSON.stringify({ name, project, environments: environments.join(',') })
  const [asked, setAsked] = useState(wanted)
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wanted), 200)
    return () => clearTimeout(timer)
  }, [wanted])
  const query = JSON.parse(asked) as { name: string; project: string; environments: string }
  const { data, error } = useResource<PlaceView>('/applications/place', { query, enabled: query.name !== '' })
  const current = name !== '' && asked === wanted && data !== undefined
  const usable = current && data.problem === undefined && data.environments.every(e => e.problem === undefined)
  useEffect(() => onUsable(usable), [usable, onUsable])
  return (
    <aside className={styles.place} aria-label="What this gives" aria-live="polite">
      <h3>What this gives</h3>
      {name === '' ? (
        <p className={styles.quiet}>Type a name: its folder, releases and namespaces appear here.</p>
      ) : error !== null && data === undefined ? (
        <ErrorPanel error={error} />
      ) : data === undefined ? (
        <p className={styles.quiet}>Looking …</p>
      ) : (
        <>
          {data.problem !== undefined && <p className={styles.wrong}>{data.problem}</p>}
          <dl className={styles.facts}>
            <div>
              <dt>Folder</dt>
              <dd>
                <code>{data.folder}</code>
              </dd>
            </div>
            {own && (
              <div>
                <dt>Repository</dt>
                <dd>
                  <code>{data.repository ?? 'the connection makes none'}</code>
                </dd>
              </div>
            )}
            {data.environments.map(e => (
              <div key={e.environment}>
                <dt>{e.environment}</dt>
                <dd>
                  release <code>{e.release}</code> in <code>{e.namespace}</code>
                  {e.problem !== undefined && <p className={styles.wrong}>{e.problem}</p>}
                </dd>
              </div>
            ))}
            <div>
              <dt>Files</dt>
              <dd>
                <ul className={styles.files}>
                  {data.files.map(file => (
                    <li key={file}>
                      <code>{file}</code>
                    </li>
                  ))}
                </ul>
              </dd>
            </div>
          </dl>
        </>
      )}
    </aside>
  )
}
