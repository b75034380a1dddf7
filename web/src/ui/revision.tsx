import { GitCommitHorizontal } from 'lucide-react'
import { Link } from 'wouter'
import { cx } from './class-names.ts'
import { Copy } from './copy.tsx'
import styles from './revision.module.css'
import { SafeLink } from './safe-link.tsx'
import { RelativeTime } from './time.tsx'

export interface RevisionProps {
  /** The commit's full hash, or as much of it as is known. */
  readonly hash: string
  readonly message?: string
  readonly author?: string
  readonly at?: string
  /** Where it leads within the console. */
  readonly to?: string
  /** The commit's page at the Git host. */
  readonly href?: string
  /** For a row: hash and message on one line, without the copy button. */
  readonly compact?: boolean
}

export const shortHash = (hash: string): string => hash.slice(0, 7)

/** A commit: the thread that ties the pages together. Wherever it is shown, it can be followed and copied. */
export function Revision({ hash, message, author, at, to, href, compact }: RevisionProps) {
  const short = <code className={styles.hash}>{shortHash(hash)}</code>
  const subject = message?.split('\n', 1)[0]
  return (
    <span className={cx(styles.revision, compact && styles.compact)}>
      {!compact && <GitCommitHorizontal size={16} className={styles.icon} aria-hidden />}
      {to !== undefined ? (
        <Link href={to}>{short}</Link>
      ) : href !== undefined ? (
        <SafeLink href={href}>{short}</SafeLink>
      ) : (
        short
      )}
      {subject !== undefined && (
        <span className={styles.message} title={subject}>
          {subject}
        </span>
      )}
      {(author !== undefined || at !== undefined) && (
        <span className={styles.by}>
          {author}
          {author !== undefined && at !== undefined && ' · '}
          {at !== undefined && <RelativeTime at={at} />}
        </span>
      )}
      {!compact && <Copy text={hash} what="the full hash" />}
    </span>
  )
}
