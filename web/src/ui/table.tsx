import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { ChevronDown, ChevronUp } from 'lucide-react'
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { cx } from './class-names.ts'
import { changedByOneself } from './own-change.ts'
import type { State } from './state.tsx'
import styles from './table.module.css'
import { holdOrder, type SortBy, type SortValue, sortRows } from './table-order.ts'

export interface Column<R> {
  readonly id: string
  readonly header: ReactNode
  readonly cell: (row: R) => ReactNode
  /** What is compared when sorting by this column; without it, it cannot be sorted by. */
  readonly sort?: (row: R) => SortValue
  /** Numbers stand at the end, so that their digits line up. */
  readonly align?: 'start' | 'end'
  /** CSS width; the columns without one share what is left. */
  readonly width?: string
  /** Left out where the window is narrower: `medium` 1100 px, `wide` 1320 px. Cards on a phone show it again. */
  readonly from?: 'medium' | 'wide'
  /** The name of the row: its heading, and the head of its card on a phone. One column has it. */
  readonly primary?: boolean
}

export interface TableProps<R> {
  /** What the table lists: read out. */
  readonly label: string
  readonly columns: readonly Column<R>[]
  readonly rows: readonly R[]
  readonly rowKey: (row: R) => string
  /** Enter or a click opens the row. Links and buttons in it keep their own meaning. */
  readonly onOpen?: (row: R) => void
  /** The row that is open in the drawer. */
  readonly current?: string
  readonly rowState?: (row: R) => State | undefined
  readonly initialSort?: SortBy
  /** In place of rows: an EmptyState. */
  readonly empty?: ReactNode
}

const virtualFrom = 200
const rowHeight = 41

/**
 * Rows that can be sorted, walked through with the arrow keys, and opened. While the pointer is over them or the focus is
 * in them, what others do changes values but moves nothing. Above 200 rows only those in view are in the document.
 */
export function Table<R>(props: TableProps<R>) {
  const { label, columns, rows, rowKey, onOpen, current, rowState, empty } = props
  const [sortBy, setSortBy] = useState(props.initialSort)
  const [held, setHeld] = useState(false)
  const [active, setActive] = useState(0)
  const body = useRef<HTMLTableSectionElement>(null)
  const standing = useRef<readonly R[]>([])

  const sorter = columns.find(c => c.id === sortBy?.column)?.sort
  const sorted = useMemo(
    () => (sorter === undefined || sortBy === undefined ? [...rows] : sortRows(rows, sorter, sortBy.descending)),
    [rows, sorter, sortBy],
  )
  const still = held && !changedByOneself()
  const { rows: shown, gone } = still
    ? holdOrder(standing.current, sorted, rowKey)
    : { rows: sorted, gone: new Set<string>() }
  standing.current = shown

  const virtual = shown.length > virtualFrom
  const [offset, setOffset] = useState(0)
  useLayoutEffect(() => {
    if (virtual && body.current) setOffset(body.current.getBoundingClientRect().top + window.scrollY)
  }, [virtual])
  const virtualizer = useWindowVirtualizer({
    count: shown.length,
    enabled: virtual,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: offset,
    scrollPaddingStart: 96,
  })
  const items = virtual ? virtualizer.getVirtualItems() : []
  const first = items[0]
  const last = items.at(-1)
  const visible = virtual ? items.map(i => i.index) : shown.map((_, index) => index)

  const focusRow = (index: number): void => {
    const next = Math.max(0, Math.min(shown.length - 1, index))
    setActive(next)
    if (virtual) virtualizer.scrollToIndex(next)
    // The row may have to be drawn first.
    requestAnimationFrame(() => {
      const row = body.current?.querySelector<HTMLElement>(`tr[data-index="${next}"]`)
      row?.focus({ preventScroll: virtual })
    })
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTableRowElement>, row: R, index: number): void => {
    if (event.target !== event.currentTarget) return
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }
    if (event.key in steps) focusRow(index + steps[event.key]!)
    else if (event.key === 'Home') focusRow(0)
    else if (event.key === 'End') focusRow(shown.length - 1)
    else if (event.key === 'Enter' && onOpen !== undefined) onOpen(row)
    else return
    event.preventDefault()
  }
  const roving = Math.min(active, Math.max(0, shown.length - 1))
  if (rows.length === 0 && !still && empty !== undefined) return empty

  return (
    <table
      className={cx(styles.table, onOpen && styles.opens)}
      aria-label={label}
      aria-rowcount={virtual ? shown.length + 1 : undefined}
    >
      <colgroup>
        {columns.map(c => (
          <col
            key={c.id}
            className={cx(c.from && styles[c.from])}
            style={c.width === undefined ? undefined : { width: c.width }}
          />
        ))}
      </colgroup>
      <thead>
        <tr>
          {columns.map(c => (
            <Header key={c.id} column={c} sortBy={sortBy} onSort={setSortBy} />
          ))}
        </tr>
      </thead>
      <tbody
        ref={body}
        onPointerEnter={event => event.pointerType === 'mouse' && setHeld(true)}
        onPointerLeave={event => setHeld(event.currentTarget.contains(document.activeElement))}
        onFocus={() => setHeld(true)}
        onBlur={event =>
          !event.currentTarget.contains(event.relatedTarget) && setHeld(event.currentTarget.matches(':hover'))
        }
      >
        {first !== undefined && <Spacer height={first.start - offset} span={columns.length} />}
        {visible.map(index => {
          const row = shown[index]!
          const key = rowKey(row)
          const state = rowState?.(row)
          return (
            <tr
              key={key}
              data-index={index}
              ref={virtual ? virtualizer.measureElement : undefined}
              className={cx(
                styles.row,
                state && styles[state],
                gone.has(key) && styles.gone,
                current === key && styles.current,
              )}
              aria-rowindex={virtual ? index + 2 : undefined}
              aria-current={current === key || undefined}
              tabIndex={index === roving ? 0 : -1}
              onKeyDown={event => onKeyDown(event, row, index)}
              onFocus={event => event.target === event.currentTarget && setActive(index)}
              onClick={event => {
                const inner = (event.target as Element).closest('a, button, input, select, label')
                if (inner === null && window.getSelection()?.toString() === '') onOpen?.(row)
              }}
            >
              {columns.map(c => (
                <Cell key={c.id} column={c}>
                  {c.cell(row)}
                </Cell>
              ))}
            </tr>
          )
        })}
        {last !== undefined && (
          <Spacer height={virtualizer.getTotalSize() - (last.end - offset)} span={columns.length} />
        )}
      </tbody>
    </table>
  )
}

function Header<R>({
  column,
  sortBy,
  onSort,
}: {
  column: Column<R>
  sortBy: SortBy | undefined
  onSort: (by: SortBy) => void
}) {
  const on = sortBy?.column === column.id ? sortBy : undefined
  const className = cx(column.align === 'end' && styles.end, column.from && styles[column.from])
  if (column.sort === undefined) {
    return (
      <th scope="col" className={className}>
        {column.header}
      </th>
    )
  }
  const Arrow = on?.descending ? ChevronDown : ChevronUp
  return (
    <th
      scope="col"
      className={className}
      aria-sort={on === undefined ? 'none' : on.descending ? 'descending' : 'ascending'}
    >
      <button
        type="button"
        className={cx(styles.sort, on && styles.sorted)}
        onClick={() => onSort({ column: column.id, descending: on !== undefined && !on.descending })}
      >
        {column.header}
        <Arrow size={14} className={styles.arrow} aria-hidden />
      </button>
    </th>
  )
}

function Cell<R>({ column, children }: { column: Column<R>; children: ReactNode }) {
  const className = cx(
    column.align === 'end' && styles.end,
    column.from && styles[column.from],
    column.primary && styles.primary,
  )
  const label = typeof column.header === 'string' ? column.header : undefined
  if (column.primary) {
    return (
      <th scope="row" className={className} data-label={label}>
        {children}
      </th>
    )
  }
  return (
    <td className={className} data-label={label}>
      {children}
    </td>
  )
}

function Spacer({ height, span }: { height: number; span: number }) {
  const style: CSSProperties = { height: `${Math.max(0, height)}px` }
  return (
    <tr aria-hidden className={styles.spacer}>
      <td colSpan={span} style={style} />
    </tr>
  )
}
