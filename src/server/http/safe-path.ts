/** A path of our own console to go on to; `/` for anything else: no other host, no `//host`, no `/\host`, no API. */
export function safePath(text: string | undefined): string {
  if (text === undefined || !/^\/(?![/\\])[^\\\p{C}]*$/u.test(text)) return '/'
  const base = 'http://own.invalid'
  const url = URL.canParse(text, base) ? new URL(text, base) : undefined
  if (url === undefined || url.origin !== base || url.pathname.startsWith('//') || url.pathname.startsWith('/api/'))
    return '/'
  return `${url.pathname}${url.search}${url.hash}`
}
