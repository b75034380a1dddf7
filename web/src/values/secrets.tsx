import { X } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Button, IconButton } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { SecretInput } from '../ui/inputs.tsx'
import { type Path, pathKey } from './tree.ts'
import styles from './values.module.css'

/** A secret on its way to the server. It is sealed there before it is written, and never comes back. */
export interface SecretWish {
  readonly path: string[]
  readonly value: string
}

/** Secrets of one environment while they are edited: beside the values, never among them. */
export interface Secrets {
  /** Places that hold secrets; `*` stands for any key. */
  readonly paths: readonly (readonly string[])[]
  /** Why none can be set here. */
  readonly refused: string | undefined
  readonly wishes: readonly SecretWish[]
  readonly forgotten: readonly string[][]
  isSet(path: Path): boolean
  isForgotten(path: Path): boolean
  wish(path: Path): string | undefined
  namesUnder(path: Path): readonly string[]
  /** `undefined`: as it was. */
  set(path: Path, value: string | undefined): void
  forget(path: Path, forget: boolean): void
  clear(): void
}

export function useSecrets(
  paths: readonly (readonly string[])[],
  stored: readonly (readonly string[])[],
  refused: string | undefined,
): Secrets {
  const [wishes, setWishes] = useState<ReadonlyMap<string, string>>(new Map())
  const [forgotten, setForgotten] = useState<ReadonlySet<string>>(new Set())
  return useMemo(() => {
    const isSet = (path: Path): boolean => stored.some(one => pathKey(one) === pathKey(path))
    const pathOf = (key: string): string[] => (JSON.parse(key) as (string | number)[]).map(String)
    return {
      paths,
      refused,
      wishes: [...wishes].filter(([, value]) => value !== '').map(([key, value]) => ({ path: pathOf(key), value })),
      forgotten: [...forgotten].map(pathOf),
      isSet,
      isForgotten: path => forgotten.has(pathKey(path)),
      wish: path => wishes.get(pathKey(path)),
      namesUnder: path => {
        const all = [...stored, ...[...wishes.keys()].map(pathOf)]
        const under = all.filter(
          one => one.length === path.length + 1 && path.every((key, at) => one[at] === String(key)),
        )
        return [...new Set(under.map(one => one.at(-1)!))]
      },
      set: (path, value) =>
        setWishes(before => {
          const next = new Map(before)
          if (value === undefined) next.delete(pathKey(path))
          else next.set(pathKey(path), value)
          return next
        }),
      forget: (path, forget) =>
        setForgotten(before => {
          const next = new Set(before)
          if (forget) next.add(pathKey(path))
          else next.delete(pathKey(path))
          return next
        }),
      clear: () => {
        setWishes(new Map())
        setForgotten(new Set())
      },
    }
  }, [paths, stored, refused, wishes, forgotten])
}

/** One secret under a title of its own. */
export function SecretField({
  title,
  hint,
  path,
  secrets,
}: {
  title: string
  hint: string
  path: Path
  secrets: Secrets
}) {
  return (
    <div className={styles.row}>
      <Field wide label={title} hint={hint === '' ? undefined : hint}>
        {secrets.refused !== undefined && !secrets.isSet(path) ? (
          <p className={styles.none}>{secrets.refused}</p>
        ) : (
          <SecretInput
            stored={secrets.isSet(path)}
            value={secrets.wish(path)}
            onChange={value => secrets.set(path, value)}
          />
        )}
      </Field>
      <div className={styles.origin}>
        <span>sealed in Git</span>
      </div>
    </div>
  )
}

/** One of several secrets that the person names. */
export function SecretInputRow({ name, path, secrets }: { name: string; path: Path; secrets: Secrets }) {
  const stored = secrets.isSet(path)
  if (secrets.isForgotten(path)) {
    return (
      <div className={styles.entry}>
        <code className={`${styles.entryName} ${styles.struck}`}>{name}</code>
        <span className={styles.none}>will be taken away</span>
        <Button small kind="plain" onClick={() => secrets.forget(path, false)}>
          Keep {name}
        </Button>
      </div>
    )
  }
  return (
    <div className={styles.entry}>
      <code className={styles.entryName}>{name}</code>
      <SecretInput
        aria-label={`Secret ${name}`}
        stored={stored}
        value={secrets.wish(path)}
        onChange={value => secrets.set(path, value)}
      />
      <span className={styles.entryEnd}>
        <IconButton
          small
          icon={X}
          label={`Remove ${name}`}
          onClick={() => (stored ? secrets.forget(path, true) : secrets.set(path, undefined))}
        />
      </span>
    </div>
  )
}
