import type { CommitAuthor } from '../../git/index.ts'

/**
 * Who a commit is by when nobody is named: the account of the token, with an address in the host's own form that reveals
 * nothing. Some tokens belong to nobody.
 */
export function defaultAuthor(login: string | undefined, host: string): CommitAuthor {
  const name = login === undefined || login === '' ? 'sluice' : login
  const domain = host.replace(/^https?:\/\//, '').replace(/[:/].*$/, '')
  return { name, email: `${name.replace(/[^\w.+-]+/g, '-')}@users.noreply.${domain}` }
}
