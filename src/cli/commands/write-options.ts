import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import type { ReviewMode } from '../../forges/changes/index.ts'
import type { CommitAuthor, CommitSigner } from '../../git/index.ts'
import { Secret } from '../../secrets/secret.ts'
import type { CliIo } from '../io.ts'
import { durationArgument } from './command.ts'

/** How commits are made and how they come to their branch. */
export interface WriteOptions {
  readonly pullRequest: ReviewMode | true
  readonly reviewTimeout: number
  readonly author?: CommitAuthor
  readonly committer?: CommitAuthor
  readonly signingKey?: string
}

export function addWriteOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--pull-request [when]',
        'open a pull or merge request and wait for its merge: auto (where the branch takes no pushes), always, never; `always` without a word',
      )
        .choices(['auto', 'always', 'never'])
        .preset('always')
        .default('auto')
        .env('SLUICE_PULL_REQUEST'),
    )
    .addOption(
      new Option('--review-timeout <duration>', 'how long to wait for the merge')
        .default(durationArgument('24h'), '24h')
        .argParser(durationArgument),
    )
    .addOption(
      new Option('--author <person>', 'author of the commit, as "Name <mail>" (default: the account of the token)')
        .env('SLUICE_AUTHOR')
        .argParser(personArgument),
    )
    .addOption(
      new Option('--committer <person>', 'committer of the commit (default: the author)')
        .env('SLUICE_COMMITTER')
        .argParser(personArgument),
    )
    .addOption(
      new Option(
        '--signing-key <file>',
        'sign commits with this SSH or armoured OpenPGP private key; its passphrase is read from $SLUICE_SIGNING_KEY_PASSPHRASE',
      ).env('SLUICE_SIGNING_KEY'),
    )
}

/** The options as the steps take them; the key is read and looked at before anything is done. */
export async function readWriteOptions(
  options: WriteOptions,
  io: CliIo,
): Promise<{
  readonly review: ReviewMode
  readonly reviewTimeoutMs: number
  readonly author: CommitAuthor | undefined
  readonly committer: CommitAuthor | undefined
  readonly signer: CommitSigner | undefined
}> {
  return {
    review: options.pullRequest === true ? 'always' : options.pullRequest,
    reviewTimeoutMs: options.reviewTimeout,
    author: options.author,
    committer: options.committer,
    signer: options.signingKey === undefined ? undefined : await readSigner(options.signingKey, io),
  }
}

const maxKeyBytes = 256 * 1024

async function readSigner(name: string, io: CliIo): Promise<CommitSigner> {
  const { createSigner } = await import('../../git/index.ts')
  const text = await readFile(resolve(io.cwd, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new SluiceError('E_FILE_READ', { object: name, seen: error.code ?? String(error), cause: error })
  })
  if (text.length > maxKeyBytes)
    throw new SluiceError('E_GIT_SIGNING_KEY', { object: name, expected: 'a private key', seen: 'a much longer file' })
  const passphrase = io.env['SLUICE_SIGNING_KEY_PASSPHRASE']
  return createSigner({
    text: Secret.of(text),
    source: name,
    ...(passphrase ? { passphrase: Secret.of(passphrase) } : {}),
  })
}

function personArgument(text: string): CommitAuthor {
  const [, name, email] = /^\s*([^<>\x00-\x1f]{1,200}?)\s*<([^<>\s\x00-\x1f]+@[^<>\s\x00-\x1f]+)>\s*$/.exec(text) ?? []
  if (name === undefined || email === undefined || email.length > 254)
    throw new InvalidArgumentError('Expected "Name <mail@example.com>".')
  return { name, email }
}
