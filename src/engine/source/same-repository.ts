/** Whether two clone URLs name one repository: user names, `.git`, a trailing slash and the case of the host do not matter. */
export function sameRepository(a: string, b: string): boolean {
  return identity(a) === identity(b)
}

function identity(text: string): string {
  try {
    const url = new URL(text)
    return `${url.host.toLowerCase()}${url.pathname.replace(/\/+$/, '').replace(/\.git$/, '')}`
  } catch {
    return text
  }
}
