import { useMemo, useState } from 'react'
import type { ValueProblemView } from '../../../src/server/contract/values.ts'
import { type CodeNote, CodeView, YamlEditor } from '../code/index.tsx'
import { Button } from '../ui/button.tsx'
import { StateBadge } from '../ui/state.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { Compare } from './compare.tsx'
import { useDraft } from './draft.ts'
import { ValuesForm } from './form.tsx'
import type { Secrets } from './secrets.tsx'
import { type Path, pathKey, pathWords, type Values } from './tree.ts'
import styles from './values.module.css'
import { writeValues } from './values-text.ts'

export interface ValuesEditorProps {
  /** The layer's own text: what goes to Git. */
  readonly text: string
  readonly onText: (text: string) => void
  /** What the layer lies on: the chart's defaults, with the base for an environment. */
  readonly below: Values
  /** `['Chart', 'Base']` or `['Base', 'Staging']`. */
  readonly names: readonly [string, string]
  readonly schema: unknown
  /** What the server has against the result. */
  readonly problems: readonly ValueProblemView[]
  readonly secrets: Secrets
}

type View = 'form' | 'yaml' | 'compare'

/** Form, YAML and comparison of the same values. The text is what counts; the others are ways to see and change it. */
export function ValuesEditor({ text, onText, below, names, schema, problems, secrets }: ValuesEditorProps) {
  const [view, setView] = useState<View>('form')
  const [reveal, setReveal] = useState<{ readonly line: number }>()
  const draft = useDraft(text, below, onText)
  const { read } = draft
  const readable = read.values !== undefined
  const resultText = useMemo(() => writeValues(draft.result), [draft.result])
  const notes = useMemo<readonly CodeNote[]>(
    () => [
      ...read.problems.map(p => ({ ...p, severity: 'error' as const })),
      ...(readable
        ? problems.map(p => ({
            line: read.lineOf(p.path),
            severity: 'error' as const,
            message: `${pathWords(p.path)}: ${p.message}`,
          }))
        : []),
    ],
    [read, readable, problems],
  )
  const showInYaml = (path: Path): void => {
    setReveal({ line: read.lineOf(path) })
    setView('yaml')
  }
  const goTo = (problem: ValueProblemView): void => {
    if (view !== 'form') return showInYaml(problem.path)
    for (let length = problem.path.length; length > 0; length--) {
      const row = document.querySelector<HTMLElement>(
        `[data-path="${CSS.escape(pathKey(problem.path.slice(0, length)))}"]`,
      )
      const control = row?.querySelector<HTMLElement>('input, select, textarea, button')
      if (control) return control.focus()
    }
    showInYaml(problem.path)
  }
  const unreadable = (
    <p role="alert" className={styles.wrong}>
      The YAML cannot be read: line {read.problems[0]?.line}, {read.problems[0]?.message}{' '}
      <Button small kind="plain" onClick={() => setView('yaml')}>
        Show it
      </Button>
    </p>
  )
  return (
    <div className={styles.editor}>
      <Problems problems={problems} readable={readable} onGo={goTo} />
      <Tabs
        label="Ways to see the values"
        value={view}
        onChange={next => setView(next as View)}
        tabs={[
          {
            id: 'form',
            title: 'Form',
            content: readable ? (
              <ValuesForm
                schema={schema}
                draft={draft}
                belowName={names[0].toLowerCase()}
                problems={problems}
                secrets={secrets}
                onShow={showInYaml}
              />
            ) : (
              unreadable
            ),
          },
          {
            id: 'yaml',
            title: 'YAML',
            content: (
              <div className={styles.panes}>
                <div className={styles.pane}>
                  <h3 className={styles.paneTitle}>{names[1]}</h3>
                  <YamlEditor
                    label={`${names[1]} as YAML`}
                    value={text}
                    onChange={onText}
                    notes={notes}
                    reveal={reveal}
                    tall
                  />
                </div>
                <div className={styles.pane}>
                  <h3 className={styles.paneTitle}>Result, with what comes from {names[0].toLowerCase()}</h3>
                  <CodeView label="Result as YAML" text={readable ? resultText : ''} tall />
                </div>
              </div>
            ),
          },
          {
            id: 'compare',
            title: 'Side by side',
            content: readable ? <Compare draft={draft} names={names} /> : unreadable,
          },
        ]}
      />
    </div>
  )
}

const mostProblems = 5

function Problems({
  problems,
  readable,
  onGo,
}: {
  problems: readonly ValueProblemView[]
  readable: boolean
  onGo: (problem: ValueProblemView) => void
}) {
  if (!readable || problems.length === 0) return null
  return (
    <div className={styles.problems} role="status">
      <StateBadge state="broken">
        {problems.length === 1 ? '1 value does not fit' : `${problems.length} values do not fit`}
      </StateBadge>
      <ul>
        {problems.slice(0, mostProblems).map(problem => (
          <li key={`${pathKey(problem.path)} ${problem.message}`}>
            <button type="button" className={styles.problem} onClick={() => onGo(problem)}>
              <code>{pathWords(problem.path) || 'values'}</code>
            </button>{' '}
            {problem.message}
          </li>
        ))}
      </ul>
    </div>
  )
}
