import type { ChartDetail } from '../../../../src/server/contract/charts.ts'
import type { templatesSchema } from '../../../../src/server/contract/templates.ts'
import type { ChartChoiceView } from '../../../../src/server/contract/values.ts'
import { useResource } from '../../data/resource.ts'
import { Field } from '../../ui/field.tsx'
import { Select, TextInput } from '../../ui/inputs.tsx'

type Templates = (typeof templatesSchema)['_output']

/** Another version of the same chart: of those that there are, or typed where they cannot be listed. */
export function ChartVersionField({
  chart,
  onChange,
}: {
  chart: ChartChoiceView
  onChange: (chart: ChartChoiceView) => void
}) {
  const templates = useResource<Templates>('/templates', { enabled: chart.kind === 'Template' })
  const detail = useResource<ChartDetail>('/charts/chart', {
    query: chart.kind === 'Chart' ? { repository: chart.repository, name: chart.name } : {},
    enabled: chart.kind === 'Chart',
  })
  const template = templates.data?.templates.find(t => t.name === chart.name)
  const versions =
    chart.kind === 'Template'
      ? [...new Set([...(template === undefined ? [] : [template.version, ...template.inGit]), chart.version])]
      : [...new Set([...(detail.data?.versions.map(v => v.version) ?? []), chart.version])]
  const failed = chart.kind === 'Chart' && detail.error !== null
  return (
    <Field
      label={`Version of ${chart.name}`}
      hint={failed ? `Its versions cannot be listed: ${detail.error.message}` : undefined}
    >
      {failed ? (
        <TextInput mono value={chart.version} onChange={event => onChange({ ...chart, version: event.target.value })} />
      ) : (
        <Select
          options={versions.map(v => ({ value: v, label: v }))}
          value={chart.version}
          onChange={event => onChange({ ...chart, version: event.target.value })}
        />
      )}
    </Field>
  )
}
