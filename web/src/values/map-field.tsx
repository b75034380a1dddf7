import { Plus, Undo2, X } from 'lucide-react'
import { useId, useState } from 'react'
import { Button, IconButton } from '../ui/button.tsx'
import { cx } from '../ui/class-names.ts'
import { TextInput } from '../ui/inputs.tsx'
import { Control } from './controls.tsx'
import { type FormContext, say, within } from './form-context.ts'
import { SecretInputRow } from './secrets.tsx'
import { type Field, isSecretPath } from './shape.ts'
import { isMap, type Path, pathKey, valueAt } from './tree.ts'
import styles from './values.module.css'
import { valueWords } from './words.ts'

/** Names that the person gives, each with a value: variables, annotations, labels; or secrets. */
export function MapField({ field, path, context }: { field: Field; path: Path; context: FormContext }) {
  const { draft, belowName, problems, secrets } = context
  const id = useId()
  const [name, setName] = useState('')
  const { shape } = field
  const secret = shape.item?.kind === 'secret' || isSecretPath(secrets.paths, [...path, '*'])
  const below = valueAt(draft.below, path)
  const now = valueAt(draft.result, path)
  const names = secret ? secrets.namesUnder(path) : isMap(now) ? Object.keys(now) : []
  const removed = secret || !isMap(below) ? [] : Object.keys(below).filter(key => !names.includes(key))
  const mine = problems.filter(problem => within(path, problem))
  const taken = names.includes(name)
  const add = (): void => {
    if (name === '' || taken) return
    if (secret) secrets.set([...path, name], '')
    else draft.set([...path, name], '')
    setName('')
  }
  return (
    <div className={cx(styles.row, styles.rowWide)} data-path={pathKey(path)}>
      <fieldset className={styles.map} aria-labelledby={id}>
        <span id={id} className={styles.mapName}>
          {shape.title}
        </span>
        <div className={styles.entries}>
          {names.map(key => {
            const at = [...path, key]
            if (secret) return <SecretInputRow key={key} name={key} path={at} secrets={secrets} />
            const mark = draft.markAt(at)
            return (
              <div key={key} className={cx(styles.entry, mark !== 'inherited' && styles.set)}>
                <code className={styles.entryName}>{key}</code>
                <Control
                  shape={shape.item!}
                  value={valueAt(draft.result, at)}
                  label={`${shape.title}: ${key}`}
                  onChange={value => (value === undefined ? draft.back(at) : draft.set(at, value))}
                />
                <span className={styles.entryEnd}>
                  {mark !== 'inherited' && valueAt(draft.below, at) !== undefined && (
                    <IconButton
                      small
                      icon={Undo2}
                      label={`${key}: back to ${valueWords(valueAt(draft.below, at))} of ${belowName}`}
                      onClick={() => draft.back(at)}
                    />
                  )}
                  <IconButton small icon={X} label={`Remove ${key}`} onClick={() => draft.remove(at)} />
                </span>
              </div>
            )
          })}
          {removed.map(key => (
            <div key={key} className={cx(styles.entry, styles.set)}>
              <code className={cx(styles.entryName, styles.struck)}>{key}</code>
              <span className={styles.none}>taken away here; {belowName} has it</span>
              <span className={styles.entryEnd}>
                <IconButton
                  small
                  icon={Undo2}
                  label={`${key}: back to ${belowName}`}
                  onClick={() => draft.back([...path, key])}
                />
              </span>
            </div>
          ))}
          {secret && secrets.refused !== undefined ? (
            <p className={styles.none}>{secrets.refused}</p>
          ) : (
            <div className={styles.entryNew}>
              <TextInput
                mono
                aria-label={`New name in ${shape.title}`}
                placeholder="NAME"
                value={name}
                onChange={event => setName(event.target.value)}
                onKeyDown={event => {
                  if (event.key !== 'Enter') return
                  event.preventDefault()
                  add()
                }}
              />
              <Button small icon={Plus} disabled={name === '' || taken} onClick={add}>
                Add
              </Button>
              {taken && <span className={styles.wrong}>is there already</span>}
            </div>
          )}
          {shape.description !== '' && <p className={styles.mapHint}>{shape.description}</p>}
          {mine.map(problem => (
            <p key={`${problem.path.join('/')} ${problem.message}`} className={styles.wrong}>
              {say(path, problem)}
            </p>
          ))}
        </div>
      </fieldset>
    </div>
  )
}
