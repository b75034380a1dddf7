import styles from './skeleton.module.css'

/** Holds the place of a line of text while it loads. */
export function Skeleton({ width = '100%' }: { width?: string }) {
  return <span className={styles.line} style={{ width }} aria-hidden />
}

/** Holds the place of a table: a head and rows of the height that they will have. */
export function TableSkeleton({ rows = 6, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label}>
      <div className={styles.head} />
      {Array.from({ length: rows }, (_, index) => (
        <div key={String(index)} className={styles.row}>
          <Skeleton width={`${18 + ((index * 7) % 12)}%`} />
          <Skeleton width="12%" />
          <Skeleton width={`${24 + ((index * 5) % 16)}%`} />
        </div>
      ))}
    </div>
  )
}

/** Holds the place of some lines. */
export function TextSkeleton({ lines = 3, label = 'Loading' }: { lines?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className={styles.text}>
      {Array.from({ length: lines }, (_, index) => (
        <Skeleton key={String(index)} width={`${90 - ((index * 23) % 50)}%`} />
      ))}
    </div>
  )
}
