let taken: string | undefined

/**
 * The secret of the one-time link, from the address's fragment, which browsers send to no server and no log.
 * It is taken out of the address at once, so that it stays neither in the history nor on the screen.
 */
export function takeSetupSecret(): string | undefined {
  const secret = new URLSearchParams(location.hash.slice(1)).get('secret')
  if (secret !== null && secret !== '') {
    taken = secret
    history.replaceState(history.state, '', location.pathname + location.search)
  }
  return taken
}
