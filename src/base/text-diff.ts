import { createTwoFilesPatch } from 'diff'

/**
 * The difference of two texts in unified form, without the `Index`/`===` head; '' when they are equal.
 * An absent text is shown as /dev/null, as git does.
 */
export function unifiedDiff(path: string, before: string | undefined, after: string | undefined): string {
  if (before === after) return ''
  const from = before === undefined ? '/dev/null' : `a/${path}`
  const to = after === undefined ? '/dev/null' : `b/${path}`
  return createTwoFilesPatch(from, to, before ?? '', after ?? '', undefined, undefined, { context: 3 }).replace(
    /^=+\n/,
    '',
  )
}
