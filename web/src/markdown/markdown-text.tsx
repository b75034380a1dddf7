import { useMemo } from 'react'
import ReactMarkdown, { type Components } from 'react-markdown'
import { SafeLink } from '../ui/safe-link.tsx'
import styles from './markdown.module.css'
import { withTables } from './tables.ts'

// READMEs come from charts and repositories: no HTML of theirs, no images of other hosts, links only to http and https.
const components: Components = {
  a: ({ href, children }) => <SafeLink href={href}>{children}</SafeLink>,
  img: ({ alt }) => <span className={styles.image}>{alt === undefined || alt === '' ? 'image' : `image: ${alt}`}</span>,
  // The page has a heading of the first and second level already.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4>{children}</h4>,
}

const mostText = 500_000

/** Text in Markdown from outside. */
export function MarkdownText({ text }: { text: string }) {
  const parts = useMemo(() => withTables(text.slice(0, mostText)), [text])
  return (
    <div className={styles.text}>
      {parts.map((part, at) =>
        part.kind === 'text' ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part of a text is its place
          <Plain key={at} text={part.text} />
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part of a text is its place
          <Rows key={at} head={part.head} rows={part.rows} />
        ),
      )}
    </div>
  )
}

const Plain = ({ text }: { text: string }) => (
  <ReactMarkdown skipHtml components={components}>
    {text}
  </ReactMarkdown>
)

function Rows({ head, rows }: { head: readonly string[]; rows: readonly (readonly string[])[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section className={styles.table} aria-label={head.filter(Boolean).join(', ') || 'Table'} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((cell, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
              <th key={at} scope="col">
                <Plain text={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
            <tr key={at}>
              {row.map((cell, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
                <td key={index}>
                  <Plain text={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
