import { useState } from 'react'
import type { ChangePreview } from '../../../../src/server/contract/change-preview.ts'
import type { ManifestDiff, RenderedPreview } from '../../../../src/server/contract/manifest-diff.ts'
import type { ApiError } from '../../data/api-error.ts'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { type Tab, Tabs } from '../../ui/tabs.tsx'
import { UnifiedDiff } from '../../ui/unified-diff.tsx'
import { pathWords } from '../../values/tree.ts'
import styles from './changes.module.css'
import { chartWords, Move, ValueChanges } from './value-changes.tsx'

export interface RenderedState {
  readonly data: RenderedPreview | undefined
  readonly error: ApiError | null
}

/** What a commit would be and do: what changes for each environment, its files, what is rendered, what the cluster says. */
export function PreviewView({ preview, rendered }: { preview: ChangePreview; rendered: RenderedState | undefined }) {
  const none = preview.environments.length === 0 && preview.goes.length === 0 && preview.goesProblem === undefined
  // Where the files say all of it, they come first.
  const [tab, setTab] = useState(none ? 'files' : 'what')
  const tabs: Tab[] = [
    { id: 'what', title: 'What changes', content: <What preview={preview} /> },
    { id: 'files', title: 'Files', mark: preview.files.length, content: <Files preview={preview} /> },
  ]
  if (rendered !== undefined) {
    tabs.push(
      {
        id: 'rendered',
        title: 'Rendered',
        mark: count(rendered.data?.manifest),
        content: <Objects state={rendered} of="manifest" />,
      },
      {
        id: 'cluster',
        title: 'Dry run',
        mark: count(rendered.data?.cluster),
        content: <Objects state={rendered} of="cluster" />,
      },
    )
  }
  return <Tabs label="Views of the change" tabs={tabs} value={tab} onChange={setTab} />
}

/** Undefined, and so no number, while it is not known. */
const count = (diffs: readonly ManifestDiff[] | undefined): number | undefined =>
  diffs?.reduce((sum, one) => sum + one.objects.filter(o => o.change !== 'none').length, 0)

const changeWords = { new: 'New here', changed: 'Changes', gone: 'Goes away', same: 'Stays as it is' } as const

function What({ preview }: { preview: ChangePreview }) {
  if (preview.environments.length === 0 && preview.goes.length === 0) {
    return <p className={styles.none}>No environment changes by this. The files say what does.</p>
  }
  return (
    <div className={styles.stack}>
      {preview.environments.map(one => (
        <section key={one.environment} className={styles.environment}>
          <h3>
            {one.environment} <span className={styles.none}>{changeWords[one.change]}</span>
          </h3>
          {one.problems.length > 0 && (
            <ul className={styles.wrong}>
              {one.problems.map(p => (
                <li key={`${pathWords(p.path)} ${p.message}`}>
                  <code>{pathWords(p.path)}</code> {p.message}
                </li>
              ))}
            </ul>
          )}
          {one.chart !== undefined && (
            <div className={styles.value}>
              <span>Chart</span>
              <Move before={chartWords(one.chart.before)} after={chartWords(one.chart.after)} />
            </div>
          )}
          {one.suspended !== undefined && (
            <div className={styles.value}>
              <span>Suspended</span>
              <Move before={one.suspended.before ? 'yes' : 'no'} after={one.suspended.after ? 'yes' : 'no'} />
            </div>
          )}
          <ValueChanges changes={one.values} />
          {one.secrets.map(path => (
            <div key={pathWords(path)} className={styles.value}>
              <code>{pathWords(path)}</code>
              <span className={styles.none}>a secret, sealed before it is written</span>
            </div>
          ))}
        </section>
      ))}
      {(preview.goes.length > 0 || preview.goesProblem !== undefined) && (
        <section className={styles.environment}>
          <h3>
            Goes from the cluster <span className={styles.none}>{preview.goes.length} objects</span>
          </h3>
          {preview.goesProblem !== undefined && <p className={styles.wrong}>{preview.goesProblem}</p>}
          <ul className={styles.goes}>
            {preview.goes.map(object => (
              <li key={object}>
                <code>{object}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

function Files({ preview }: { preview: ChangePreview }) {
  const { commits = [], files } = preview
  if (commits.length < 2) return <FileList files={files} />
  return (
    <div className={styles.stack}>
      {commits.map(one => (
        <section key={one.repository} className={styles.stack}>
          <h3 className={styles.repository}>
            {one.repository} <span className={styles.none}>{one.message.split('\n', 1)[0]}</span>
          </h3>
          <FileList files={files.filter(file => one.files.includes(file.path))} />
        </section>
      ))}
    </div>
  )
}

function FileList({ files }: { files: ChangePreview['files'] }) {
  return (
    <div className={styles.stack}>
      {files.map(file => (
        <section key={file.path}>
          <h3 className={styles.file}>
            <code>{file.path}</code>
            <span className={styles.counts}>
              {{ add: 'new', change: 'changed', remove: 'removed' }[file.change]} ·{' '}
              <span className={styles.plus}>+{file.added}</span> <span className={styles.minus}>−{file.removed}</span>
            </span>
          </h3>
          <UnifiedDiff label={`Changes of ${file.path}`} text={file.diff} truncated={file.truncated} />
        </section>
      ))}
    </div>
  )
}

const objectWords = {
  create: { state: 'moving', word: 'created' },
  update: { state: 'moving', word: 'changed' },
  delete: { state: 'attention', word: 'deleted' },
  none: { state: 'agreed', word: 'unchanged' },
  refused: { state: 'broken', word: 'refused' },
} as const

function Objects({ state, of }: { state: RenderedState; of: 'manifest' | 'cluster' }) {
  if (state.error !== null && state.data === undefined) return <ErrorPanel error={state.error} />
  if (state.data === undefined) {
    return <TextSkeleton lines={6} label={of === 'manifest' ? 'Helm renders the chart' : 'The cluster tries it'} />
  }
  return <ManifestDiffs diffs={state.data[of]} />
}

/** Objects that differ, each with its diff; those that stay are counted. */
export function ManifestDiffs({ diffs }: { diffs: readonly ManifestDiff[] }) {
  return (
    <div className={styles.stack}>
      {diffs.length === 0 && <p className={styles.none}>Nothing of this is rendered.</p>}
      {diffs.map(diff => {
        const changed = diff.objects.filter(object => object.change !== 'none')
        return (
          <section key={diff.environment} className={styles.environment}>
            <h3>
              {diff.environment}{' '}
              <span className={styles.none}>
                {diff.state === 'unavailable'
                  ? 'could not be worked out'
                  : `${changed.length} of ${diff.objects.length} objects differ`}
              </span>
            </h3>
            {diff.why !== undefined && <p className={styles.note}>{diff.why}</p>}
            {changed.map(object => (
              <div key={object.object} className={styles.object}>
                <p className={styles.file}>
                  <code>{object.object}</code>
                  <StateBadge state={objectWords[object.change].state}>{objectWords[object.change].word}</StateBadge>
                </p>
                {object.problem !== undefined && <p className={styles.wrong}>{object.problem}</p>}
                {object.diff !== '' && (
                  <UnifiedDiff label={`Changes of ${object.object}`} text={object.diff} truncated={object.truncated} />
                )}
              </div>
            ))}
          </section>
        )
      })}
    </div>
  )
}
