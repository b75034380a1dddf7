/** A time in the form of `metav1.Time`: UTC to the second. */
export function timestamp(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`
}
