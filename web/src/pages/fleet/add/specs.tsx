import { FilePlus2, FolderOpen, X } from 'lucide-react'
import { useRef, useState } from 'react'
import type { FleetAddCheck } from '../../../../../src/server/contract/fleet-add.ts'
import { YamlEditor } from '../../../code/index.tsx'
import { Button, IconButton } from '../../../ui/button.tsx'
import { cx } from '../../../ui/class-names.ts'
import styles from './add.module.css'
import { newName, type SpecFile } from './wish.ts'

const mostBytes = 512 * 1024
const mostFiles = 50

/** The files of specs: pasted, chosen or dropped, and what is wrong with them at its line. */
export function Specs({
  files,
  check,
  onChange,
}: {
  files: readonly SpecFile[]
  check: FleetAddCheck | undefined
  onChange: (files: readonly SpecFile[]) => void
}) {
  const [at, setAt] = useState(0)
  const [over, setOver] = useState(false)
  const [refused, setRefused] = useState<string>()
  const [reveal, setReveal] = useState<{ readonly line: number }>()
  const input = useRef<HTMLInputElement>(null)
  const current = files[Math.min(at, files.length - 1)] ?? { name: 'cluster.yaml', text: '' }
  const problems = (check?.problems ?? []).filter(problem => problem.field === 'files')
  const take = async (list: FileList | null): Promise<void> => {
    const chosen = [...(list ?? [])]
    const large = chosen.find(file => file.size > mostBytes)
    if (large !== undefined || chosen.length + files.length > mostFiles) {
      setRefused(large ? `${large.name} is larger than 512 KiB.` : `More than ${mostFiles} files are not taken.`)
      return
    }
    setRefused(undefined)
    const kept = files.filter(file => file.text.trim() !== '')
    const next = [...kept]
    for (const file of chosen) {
      const found = next.findIndex(one => one.name === file.name)
      const spec = { name: file.name, text: await file.text() }
      if (found >= 0) next[found] = spec
      else next.push(spec)
    }
    if (chosen.length === 0) return
    onChange(next)
    setAt(next.length - 1)
  }
  const put = (change: Partial<SpecFile>): void =>
    onChange(files.map(file => (file === current ? { ...file, ...change } : file)))
  return (
    <div className={styles.stack}>
      <div className={styles.files}>
        <ul className={styles.fileNames} aria-label="Files">
          {files.map((file, index) => {
            const bad = problems.some(problem => problem.file === file.name)
            return (
              <li key={file.name} className={cx(styles.fileName, file === current && styles.currentFile)}>
                <button type="button" aria-current={file === current} onClick={() => setAt(index)}>
                  {file.name}
                  {bad && <span className={styles.dot} role="img" aria-label="has problems" />}
                </button>
                {files.length > 1 && (
                  <IconButton
                    small
                    icon={X}
                    label={`Remove ${file.name}`}
                    onClick={() => {
                      onChange(files.filter(one => one !== file))
                      setAt(0)
                    }}
                  />
                )}
              </li>
            )
          })}
        </ul>
        <div className={styles.fileActions}>
          <Button
            small
            kind="plain"
            icon={FilePlus2}
            onClick={() => {
              onChange([...files, { name: newName(files), text: '' }])
              setAt(files.length)
            }}
          >
            Add a file
          </Button>
          <Button small kind="plain" icon={FolderOpen} onClick={() => input.current?.click()}>
            Choose files
          </Button>
          <input
            ref={input}
            type="file"
            multiple
            hidden
            accept=".yaml,.yml,text/yaml"
            aria-label="Spec files"
            onChange={event => {
              void take(event.target.files)
              event.target.value = ''
            }}
          />
        </div>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one more way; the button above is the other */}
      <div
        className={cx(styles.drop, over && styles.dropOver)}
        onDragOver={event => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={event => {
          event.preventDefault()
          setOver(false)
          void take(event.dataTransfer.files)
        }}
      >
        <YamlEditor
          key={current.name}
          label={`Spec ${current.name}`}
          value={current.text}
          onChange={text => put({ text })}
          reveal={reveal}
          notes={problems
            .filter(problem => problem.file === current.name && problem.line !== undefined)
            .map(problem => ({ line: problem.line!, severity: 'error', message: problem.message }))}
        />
      </div>
      <p className={styles.hint}>
        Paste, drop or choose files: the management cluster and its workload clusters of EKS Anywhere, or one
        ClusterConfig of eksctl. Their FluxConfig, or <code>gitops.flux</code>, says where they are kept.
      </p>
      {refused !== undefined && (
        <p className={styles.wrong} role="alert">
          {refused}
        </p>
      )}
      <div role="status" className={styles.stack}>
        {problems.length > 0 ? (
          <ul className={styles.problems} aria-label="Problems of the specs">
            {problems.map(problem => (
              <li key={`${problem.file} ${problem.line} ${problem.message}`}>
                {problem.file !== undefined && (
                  <button
                    type="button"
                    className={styles.placeLink}
                    onClick={() => {
                      setAt(
                        Math.max(
                          0,
                          files.findIndex(file => file.name === problem.file),
                        ),
                      )
                      if (problem.line !== undefined) setReveal({ line: problem.line })
                    }}
                  >
                    {problem.file}
                    {problem.line !== undefined && `:${problem.line}`}
                  </button>
                )}
                <span>
                  {problem.message} {problem.file === undefined && problem.next}
                </span>
              </li>
            ))}
          </ul>
        ) : (
          check !== undefined && check.clusters.length > 0 && <Read check={check} />
        )}
        {(check?.warnings.length ?? 0) > 0 && (
          <details className={styles.more}>
            <summary>
              {check!.warnings.length === 1 ? 'One thing to know' : `${check!.warnings.length} things to know`}
            </summary>
            <ul className={styles.notes}>
              {check!.warnings.map(warning => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </div>
  )
}

const roles = {
  management: 'management cluster',
  workload: 'workload cluster',
  eksctl: 'eksctl cluster',
  any: 'cluster',
} as const

function Read({ check }: { check: FleetAddCheck }) {
  return (
    <ul className={styles.clusters} aria-label="Clusters of the specs">
      {check.clusters.map(cluster => (
        <li key={cluster.name}>
          <strong>{cluster.name}</strong> <span className={styles.quiet}>{roles[cluster.role]}</span>
        </li>
      ))}
    </ul>
  )
}
