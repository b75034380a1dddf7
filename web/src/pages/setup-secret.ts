let taken: string | undefined

/**
 * The secret of the one-time link, from the address's fragment (`#secret=…`, or the fragment itself), which browsers send
 * to no server and no log. It is taken out of the address at once, so that it stays neither in the history nor on the
 * screen.
 */
export function takeSetupSecret(): string | undefined {
  const secret = secretIn(location.hash)
  if (secret !== undefined) {
    taken = secret
    history.replaceState(history.state, '', location.pathname + location.search)
  }
  return taken
}

export function secretIn(hash: string): string | undefined {
  const text = hash.replace(/^#/, '')
  const secret = text.includes('=') ? new URLSearchParams(text).get('secret') : text
  return secret === null || secret === '' ? undefined : secret
}
