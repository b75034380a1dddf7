import ReactMarkdown, { type Components } from 'react-markdown'
import { SafeLink } from '../ui/safe-link.tsx'
import styles from './markdown.module.css'

// READMEs come from charts and repositories: no HTML of theirs, no images of other hosts, links only to http and https.
const components: Components = {
  a: ({ href, children }) => <SafeLink href={href}>{children}</SafeLink>,
  img: ({ alt }) => <span className={styles.image}>{alt === undefined || alt === '' ? 'image' : `image: ${alt}`}</span>,
  // The page has a heading of the first and second level already.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4>{children}</h4>,
}

/** Text in Markdown from outside. */
export function MarkdownText({ text }: { text: string }) {
  return (
    <div className={styles.text}>
      <ReactMarkdown skipHtml components={components}>
        {text.slice(0, 500_000)}
      </ReactMarkdown>
    </div>
  )
}
