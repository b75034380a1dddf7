import styles from './chart.module.css'

/** The course of a number in the size of a word; what it says stands beside it in words. */
export function Sparkline({
  values,
  label,
  width = 96,
  height = 24,
}: {
  values: readonly number[]
  label: string
  width?: number
  height?: number
}) {
  const low = Math.min(...values)
  const span = Math.max(...values) - low || 1
  const points = values.map((value, index) => {
    const x = values.length < 2 ? width / 2 : 1.5 + (index / (values.length - 1)) * (width - 3)
    return [x, height - 2 - ((value - low) / span) * (height - 4)] as const
  })
  const last = points.at(-1)
  return (
    <svg
      className={styles.spark}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      <polyline points={points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')} />
      {last && <circle cx={last[0]} cy={last[1]} r="1.5" />}
    </svg>
  )
}
