import { Fragment } from 'react'
import type { ForgeKindName } from '../../../../src/server/contract/connections.ts'
import { SafeLink } from '../../ui/safe-link.tsx'
import { hostAddress } from './hosts.ts'

/**
 * Advice with its addresses as links. A host has a say in some of these words, so only addresses of that very host become
 * links; anything else stays text.
 */
export function LinkedWords({ text, kind, host }: { text: string; kind: ForgeKindName; host: string }) {
  const own = hostsOf(kind, host)
  return (
    <>
      {text.split(/(https?:\/\/[^\s<>"'`]+)/i).map((part, at) => {
        const address = at % 2 === 1 ? part.replace(/[.,;:!?)\]]+$/, '') : ''
        const isOwn = address !== '' && URL.canParse(address) && own.has(new URL(address).host)
        return (
          // The parts of one text have no identity but their place.
          // biome-ignore lint/suspicious/noArrayIndexKey: they never move
          <Fragment key={at}>
            {isOwn ? <SafeLink href={address}>{address.replace(/^https?:\/\//, '')}</SafeLink> : part}
            {isOwn && part.slice(address.length)}
          </Fragment>
        )
      })}
    </>
  )
}

function hostsOf(kind: ForgeKindName, host: string): ReadonlySet<string> {
  const address = hostAddress(host)
  return new Set([
    ...(address === undefined ? [] : [new URL(address).host]),
    ...(kind === 'bitbucket' ? ['id.atlassian.com'] : []),
  ])
}

/** Text in which a word between backticks is code. */
export function CodeWords({ text }: { text: string }) {
  return (
    <>
      {text.split('`').map((part, at) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move
        at % 2 === 1 ? <code key={at}>{part}</code> : <Fragment key={at}>{part}</Fragment>,
      )}
    </>
  )
}
