import { useState } from 'react'
import type { chartsSchema } from '../../../../src/server/contract/charts.ts'
import type { templatesSchema } from '../../../../src/server/contract/templates.ts'
import type { ChartChoiceView } from '../../../../src/server/contract/values.ts'
import { api } from '../../data/api.ts'
import { useResource } from '../../data/resource.ts'
import { RadioCards } from '../../ui/choices.tsx'
import { Combobox } from '../../ui/combobox.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import styles from './applications.module.css'

type Templates = (typeof templatesSchema)['_output']
type Charts = (typeof chartsSchema)['_output']

/** What most people look for comes first; templates of a team's own come after those that everybody has. */
const usual = ['web-service', 'worker', 'stateful-service', 'cron-job']
const inOrder = (templates: Templates['templates']) =>
  [...templates].sort((a, b) => rank(a.name) - rank(b.name) || (a.title < b.title ? -1 : 1))
const rank = (name: string): number => (usual.includes(name) ? usual.indexOf(name) : usual.length)

/** One of the reference charts, or any chart of a repository. */
export function TemplateChoice({
  chart,
  onChange,
}: {
  chart: ChartChoiceView | undefined
  onChange: (chart: ChartChoiceView | undefined) => void
}) {
  const { data, error, refetch } = useResource<Templates>('/templates')
  const [other, setOther] = useState(chart?.kind === 'Chart')
  const [text, setText] = useState(chart?.kind === 'Chart' ? `${chart.repository}/${chart.name}` : '')
  const [found] = useState(() => new Map<string, ChartChoiceView>())
  if (data === undefined) {
    return error === null ? <TextSkeleton lines={4} /> : <ErrorPanel error={error} onRetry={() => void refetch()} />
  }
  return (
    <div className={styles.form}>
      <RadioCards
        label="What it is"
        columns={2}
        value={other ? 'chart' : chart?.name}
        onChange={value => {
          setOther(value === 'chart')
          const template = data.templates.find(t => t.name === value)
          onChange(template && { kind: 'Template', name: template.name, version: template.version })
        }}
        choices={[
          ...inOrder(data.templates).map(t => ({ value: t.name, title: t.title, text: t.description })),
          { value: 'chart', title: 'Another chart', text: 'Any chart of the repositories that are set up' },
        ]}
      />
      {other && (
        <Field label="Chart" hint="Type a part of its name.">
          <Combobox
            mono
            value={text}
            onChange={value => {
              setText(value)
              const choice = found.get(value)
              if (choice !== undefined) onChange(choice)
            }}
            lookup={async (query, signal) => {
              const answer = await api<Charts>('/charts', { query: { query, limit: 12 }, signal })
              for (const c of answer.charts) {
                found.set(`${c.repository}/${c.name}`, {
                  kind: 'Chart',
                  repository: c.repository,
                  name: c.name,
                  version: c.version,
                })
              }
              return answer.charts.map(c => ({ value: `${c.repository}/${c.name}`, detail: c.version }))
            }}
          />
        </Field>
      )}
    </div>
  )
}
