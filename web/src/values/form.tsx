import { ChevronRight, Search } from 'lucide-react'
import { useId, useMemo, useState } from 'react'
import { cx } from '../ui/class-names.ts'
import { Field } from '../ui/field.tsx'
import { TextInput } from '../ui/inputs.tsx'
import { Control } from './controls.tsx'
import type { Draft } from './draft.ts'
import { type FormContext, say, within } from './form-context.ts'
import { MapField } from './map-field.tsx'
import { Origin } from './origin.tsx'
import { SecretField } from './secrets.tsx'
import { type Field as FormField, isSecretPath, shapeMatches, shapeOf } from './shape.ts'
import { type Path, pathKey, valueAt } from './tree.ts'
import styles from './values.module.css'

/** Values as a form, made of the chart's schema. Every change goes into the same text that the YAML view shows. */
export function ValuesForm({ schema, ...rest }: Omit<FormContext, 'query'> & { schema: unknown }) {
  const [query, setQuery] = useState('')
  const { draft } = rest
  const shape = useMemo(() => shapeOf(schema, draft.result), [schema, draft.result])
  const context: FormContext = { ...rest, query }
  const fields = (shape.fields ?? []).filter(field => shapeMatches(field, query))
  const own = fields.filter(field => field.shape.kind !== 'group')
  const groups = fields.filter(field => field.shape.kind === 'group')
  return (
    <div className={styles.form}>
      <TextInput
        type="search"
        aria-label="Search the fields"
        placeholder="Search the fields"
        prefix={<Search size={16} aria-hidden />}
        value={query}
        onChange={event => setQuery(event.target.value)}
        className={styles.search}
      />
      {fields.length === 0 && (
        <p role="status" className={styles.none}>
          {query === '' ? 'This chart names no values. Write them as YAML.' : `No field is called “${query}”.`}
        </p>
      )}
      {groups
        .filter(field => field.name === 'image')
        .map(field => (
          <Group key={field.name} field={field} path={[field.name]} context={context} first />
        ))}
      {own.map(field => (
        <Row key={field.name} field={field} path={[field.name]} context={context} />
      ))}
      {groups
        .filter(field => field.name !== 'image')
        .map(field => (
          <Group key={field.name} field={field} path={[field.name]} context={context} />
        ))}
    </div>
  )
}

function Group({
  field,
  path,
  context,
  first,
}: {
  field: FormField
  path: Path
  context: FormContext
  first?: boolean
}) {
  const id = useId()
  const { draft, problems, query } = context
  const wrong = problems.filter(problem => within(path, problem)).length
  const mark = draft.markAt(path)
  const [open, setOpen] = useState(first === true || mark !== 'inherited')
  const shown = open || query !== '' || wrong > 0
  const { shape } = field
  return (
    <section className={styles.group}>
      <h3 className={styles.groupHead}>
        <button type="button" aria-expanded={shown} aria-controls={id} onClick={() => setOpen(!shown)}>
          <ChevronRight size={16} className={cx(styles.chevron, shown && styles.open)} aria-hidden />
          <span className={styles.groupTitle}>{shape.title}</span>
          <span className={styles.groupText}>{shape.description}</span>
          {mark !== 'inherited' && <span className={styles.groupMark}>set here</span>}
          {wrong > 0 && <span className={styles.groupWrong}>{wrong === 1 ? '1 problem' : `${wrong} problems`}</span>}
        </button>
      </h3>
      <div id={id} hidden={!shown} className={styles.fields}>
        {shown &&
          (shape.fields ?? [])
            .filter(
              inner => shapeMatches(inner, query) || shapeMatches({ ...field, shape: { ...shape, fields: [] } }, query),
            )
            .map(inner =>
              inner.shape.kind === 'group' ? (
                <Group key={inner.name} field={inner} path={[...path, inner.name]} context={context} first />
              ) : (
                <Row key={inner.name} field={inner} path={[...path, inner.name]} context={context} />
              ),
            )}
      </div>
    </section>
  )
}

function Row({ field, path, context }: { field: FormField; path: Path; context: FormContext }) {
  const { draft, problems, secrets } = context
  const { shape } = field
  if (shape.kind === 'secret' || isSecretPath(secrets.paths, path)) {
    return <SecretField title={shape.title} hint={shape.description} path={path} secrets={secrets} />
  }
  if (shape.kind === 'map') return <MapField field={field} path={path} context={context} />
  const mark = draft.markAt(path)
  const mine = problems.filter(problem => within(path, problem))
  return (
    <div className={cx(styles.row, mark !== 'inherited' && styles.set)} data-path={pathKey(path)}>
      <Field
        wide
        label={shape.title}
        optional={!shape.required && valueAt(draft.result, path) === undefined}
        hint={shape.description === '' ? undefined : shape.description}
        error={mine.length === 0 ? undefined : mine.map(p => say(path, p)).join(' ')}
      >
        <Control shape={shape} value={valueAt(draft.result, path)} onChange={value => change(draft, path, value)} />
      </Field>
      <Origin title={shape.title} path={path} context={context} />
    </div>
  )
}

function change(draft: Draft, path: Path, value: unknown): void {
  if (value === undefined) draft.back(path)
  else draft.set(path, value)
}
