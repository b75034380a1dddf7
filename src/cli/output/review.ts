import type { ReviewEvent } from '../../forges/changes/index.ts'
import type { Forge } from '../../forges/types.ts'
import { type CliIo, note } from '../io.ts'
import { printable } from './printable.ts'

/** What the host calls a request to merge a branch. */
export function requestNoun(forge: Pick<Forge, 'capabilities'> | undefined): string {
  const noun = forge?.capabilities.changeRequests ?? 'pull request'
  return noun === 'none' ? 'branch of its own, to be merged by hand' : noun
}

/** Prints what happens to a pull or merge request, on standard error. */
export function reviewReporter(
  io: CliIo,
  forge: Pick<Forge, 'capabilities'> | undefined,
  indent = '',
): (event: ReviewEvent) => void {
  const { err } = io
  const noun = requestNoun(forge)
  const say = (line: string) => note(io, indent + line)
  return event => {
    switch (event.type) {
      case 'request-open': {
        const verb = event.found ? `found the open ${noun}` : `opened a ${noun}`
        say(
          `${err.good('✔')} ${verb} ${err.bold(printable(event.request.url))} ${err.dim(`(${printable(event.why)})`)}`,
        )
        return say(
          `${err.moving('◌')} ${err.dim('waiting for it to be merged; Ctrl-C ends the wait only: the same command goes on with it')}`,
        )
      }
      case 'request-rebased':
        return say(`${err.moving('◌')} the change was made anew on what is there now, as ${event.commit.slice(0, 7)}`)
      case 'request-changed':
        return say(`${err.attention('!')} somebody pushed to ${printable(event.request.head)}: what is merged counts`)
      case 'host-away':
        return say(`${err.attention('!')} the Git host cannot be asked, trying again: ${printable(event.why)}`)
      case 'host-back':
        return say(`${err.moving('◌')} the Git host answers again`)
      case 'request-merged':
        return say(`${err.good('✔')} ${printable(event.request.url)} is merged: ${event.commit.slice(0, 7)}`)
      case 'branch-left':
        return say(`${err.attention('!')} the branch ${printable(event.branch)} is left: ${printable(event.why)}`)
    }
  }
}
