import { ArrowUpRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { safeAddress } from './safe-address.ts'
import styles from './safe-link.module.css'

/**
 * A link to another site. Addresses come from Git, charts and clusters, so only http and https become links; anything
 * else stays the text that it is.
 */
export function SafeLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  const address = safeAddress(href)
  if (address === undefined) return <span>{children}</span>
  return (
    <a href={address} target="_blank" rel="noopener noreferrer" className={styles.link}>
      {children}
      <ArrowUpRight size={14} className={styles.arrow} aria-label="opens another site" />
    </a>
  )
}
