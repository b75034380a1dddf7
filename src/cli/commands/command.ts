import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../../base/duration.ts'
import type { CliIo } from '../io.ts'

/** What every command gets: its streams, and how to end with another exit code than 0 without failing. */
export interface CommandContext {
  readonly io: CliIo
  readonly finish: (code: number) => void
}

/** Adds one command (or a group of them) to the tree. */
export type RegisterCommand = (program: Command, context: CommandContext) => void

export type OutputFormat = 'json' | 'yaml' | 'name' | 'wide'

export function outputOption(...formats: OutputFormat[]): Option {
  return new Option('-o, --output <format>', 'print another form of the result').choices(formats)
}

/** `--kubeconfig`, `--context` and `--data`: which cluster a command is about. */
export function addClusterOptions(command: Command): Command {
  return command
    .option(
      '--kubeconfig <file>',
      'kubeconfig to use (default: $KUBECONFIG, the sandbox of this folder, ~/.kube/config)',
    )
    .option('--context <name>', 'context of the kubeconfig')
    .addOption(dataOption())
}

export interface ClusterOptions {
  readonly kubeconfig?: string
  readonly context?: string
  readonly data: string
}

export function dataOption(): Option {
  return new Option('--data <dir>', 'folder for state').env('SLUICE_DATA').default('.sluice')
}

/** `--timeout 5m`, in milliseconds. */
export function timeoutOption(text: string, description = 'give up after this time'): Option {
  return new Option('--timeout <duration>', description)
    .default(durationArgument(text), text)
    .argParser(durationArgument)
}

export function durationArgument(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('Expected a duration such as 30s, 5m or 1h30m.')
  return ms
}

/** For options that may be repeated; the default has to be an empty list. */
export function collect(text: string, before: readonly string[]): string[] {
  return [...before, text]
}

export function integerArgument(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.')
  return Number(text)
}

export function portArgument(text: string): number {
  const port = integerArgument(text)
  if (port > 65_535) throw new InvalidArgumentError('Expected a port between 0 and 65535.')
  return port
}

/** The examples section that ends a command's help. */
export function examples(lines: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length))
  return `\nExamples:\n${lines.map(([command, meaning]) => `  ${command.padEnd(width)}  # ${meaning}`).join('\n')}\n`
}
