import { Command } from 'cmdk'
import { Search } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { Kbd } from '../ui/kbd.tsx'
import { useReturnFocus } from '../ui/return-focus.ts'
import styles from './palette.module.css'
import { filterEntries, type PaletteEntry, type PaletteSource, paletteSources } from './palette-sources.ts'

interface Group {
  readonly source: PaletteSource
  readonly entries: readonly PaletteEntry[]
}

/** Any object, revision, page and action, by typing: Ctrl-K. */
export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [text, setText] = useState('')
  const focus = useReturnFocus()
  const [, navigate] = useLocation()
  const { groups, busy } = useFound(open, text)
  const close = (): void => {
    setText('')
    onClose()
  }
  const choose = (entry: PaletteEntry): void => {
    close()
    if (typeof entry.run === 'function') entry.run()
    else navigate(entry.run.to)
  }
  return (
    <Dialog.Root open={open} onOpenChange={next => !next && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.scrim} />
        <Dialog.Content {...focus} className={styles.palette} aria-describedby={undefined}>
          <Dialog.Title className="visually-hidden">Search</Dialog.Title>
          <Command shouldFilter={false} loop label="Search">
            <div className={styles.head}>
              <Search size={16} aria-hidden />
              <Command.Input
                className={styles.input}
                value={text}
                onValueChange={setText}
                placeholder="Search objects, revisions, pages, actions"
              />
              <Kbd>Esc</Kbd>
            </div>
            <Command.List className={styles.list} aria-busy={busy}>
              {groups.map(({ source, entries }) => (
                <Command.Group key={source.id} heading={source.title} className={styles.group}>
                  {entries.map(entry => (
                    <Command.Item
                      key={entry.id}
                      value={`${source.id}/${entry.id}`}
                      onSelect={() => choose(entry)}
                      className={styles.item}
                    >
                      {entry.icon && <entry.icon size={16} aria-hidden />}
                      <span className={styles.title}>{entry.title}</span>
                      {entry.detail !== undefined && <span className={styles.detail}>{entry.detail}</span>}
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
            {groups.length === 0 && !busy && (
              <p className={styles.nothing}>
                {text === '' ? 'Type a name, a commit or what you want to do.' : `Nothing is called “${text}”.`}
              </p>
            )}
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** Asks every source; each fills in its own group when it has answered, in the order of the sources. */
function useFound(open: boolean, text: string): { readonly groups: readonly Group[]; readonly busy: boolean } {
  const [found, setFound] = useState<ReadonlyMap<string, readonly PaletteEntry[]>>(new Map())
  const [waiting, setWaiting] = useState(0)
  useEffect(() => {
    if (!open) return
    const stop = new AbortController()
    const take = (source: PaletteSource, entries: readonly PaletteEntry[]): void => {
      if (!stop.signal.aborted) setFound(before => new Map(before).set(source.id, entries.slice(0, 12)))
    }
    // Until a source has answered anew, what it found before stays as far as it still fits.
    setFound(before => new Map([...before].map(([id, entries]) => [id, filterEntries(entries, text)])))
    const slow: PaletteSource[] = []
    for (const source of paletteSources()) {
      const entries = source.find(text, stop.signal)
      if (!(entries instanceof Promise)) take(source, entries)
      else {
        slow.push(source)
        entries
          .then(list => take(source, list))
          // A source that fails leaves its group empty; its own page shows why.
          .catch(() => take(source, []))
          .finally(() => !stop.signal.aborted && setWaiting(count => count - 1))
      }
    }
    setWaiting(slow.length)
    return () => stop.abort()
  }, [open, text])
  const groups = paletteSources()
    .map(source => ({ source, entries: found.get(source.id) ?? [] }))
    .filter(group => group.entries.length > 0)
  return { groups, busy: waiting > 0 }
}
