import { createHash } from 'node:crypto'
import type { CommitAuthor } from '../../git/index.ts'
import type { ChangeText } from './types.ts'

const mostFiles = 100
/** GitLab and Bitbucket take 255. */
const maxTitle = 200

/** The trailer of commits on the branch of a request: what bears it was made by us and may be made anew. */
export const changeTrailer = 'Sluice-Change'

/** The branch of a change: readable, and the same for the same change into the same branch. */
export function requestBranch(base: string, key: string): string {
  const digest = createHash('sha256').update(`${base}\n${key}`).digest('hex').slice(0, 8)
  const words = key
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)
    .replace(/-$/, '')
  return `sluice/${words === '' ? 'change' : words}-${digest}`
}

/** The first line of a commit message, as the title of a request. */
export function requestTitle(message: string): string {
  const line = (message.trim().split('\n')[0] ?? '').replace(/\s+/g, ' ')
  return line.length > maxTitle ? `${line.slice(0, maxTitle - 1)}…` : line
}

/** The body of a request, in Markdown: what, why, which files, who, and what happens then. */
export function requestBody(
  text: ChangeText,
  parts: { readonly paths: readonly string[]; readonly base: string; readonly author: CommitAuthor },
  maxBody: number,
): string {
  const { paths, base, author } = parts
  const files = paths.slice(0, mostFiles).map(path => `- ${code(path)}`)
  if (paths.length > mostFiles) files.push(`- and ${paths.length - mostFiles} more`)
  const body = [
    text.why,
    '',
    ...(text.what.length > 0 ? ['### What changes', '', ...text.what.map(line => `- ${oneLine(line)}`), ''] : []),
    '### Files',
    '',
    ...files,
    '',
    '### What happens then',
    '',
    `${text.after} Merging, squashing and rebasing are all fine. Sluice looks at what ${code(base)} holds afterwards, and`,
    'makes this branch anew when it no longer fits. To turn the change down, close this request.',
    '',
    `Asked for by ${code(author.name)}, written by Sluice.`,
    '',
  ].join('\n')
  return body.length > maxBody ? `${body.slice(0, maxBody - 2)}…\n` : body
}

/** Text as a code span: nothing in it is a link, a mention or markup. */
export function code(text: string): string {
  return `\`${oneLine(text).replaceAll('`', "'")}\``
}

function oneLine(text: string): string {
  return text.replace(/[\x00-\x1f\x7f]+/g, ' ')
}
