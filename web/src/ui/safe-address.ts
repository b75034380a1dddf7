/** An absolute http or https address without a login in it; undefined for everything else. */
export function safeAddress(text: string | undefined): string | undefined {
  if (text === undefined || text.length > 4_096) return undefined
  let url: URL
  try {
    url = new URL(text.trim())
  } catch {
    return undefined
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined
  return url.username === '' && url.password === '' ? url.href : undefined
}
