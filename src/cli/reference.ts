import { PassThrough } from 'node:stream'
import type { Command } from 'commander'
import { type ErrorEntry, errorAreas, exitCodes } from '../base/errors/index.ts'
import { metricsPage } from '../engine/metrics/reference.ts'
import { apiReferencePages } from '../server/reference.ts'
import { specReferencePages } from '../specs/index.ts'
import type { CliIo } from './io.ts'
import { styleFor } from './output/style.ts'
import { createProgram } from './program.ts'

/** The generated reference pages: path → text. */
export function referencePages(): Record<string, string> {
  return {
    'docs/reference/errors.md': errorsPage(),
    'docs/reference/cli.md': cliPage(),
    'docs/reference/metrics.md': metricsPage(),
    ...specReferencePages(),
    ...apiReferencePages(),
  }
}

function errorsPage(): string {
  const lines = [
    '# Errors',
    '',
    'Every failure has a stable code. Codes are never renamed and never reused; texts may improve.',
    'This page is generated from the registry (`src/base/errors/`) by `npm run docs`, and a test checks that it is complete.',
    '',
    '## Exit codes',
    '',
    '| code | meaning |',
    '|---|---|',
    '| 0 | the command did what was asked |',
    `| ${exitCodes.failure} | something failed that is none of the below; \`sluice diff\` found differences |`,
    `| ${exitCodes.usage} | the command line was wrong |`,
    `| ${exitCodes.input} | a file, spec or manifest was wrong |`,
    `| ${exitCodes.credentials} | a token, key or right was missing or wrong |`,
    `| ${exitCodes.refused} | refused, to protect what is there |`,
    `| ${exitCodes.unreachable} | a server did not answer, or not in time |`,
    '| 130, 143 | stopped by Ctrl-C, by SIGTERM |',
  ]
  for (const [area, entries] of Object.entries(errorAreas)) {
    const codes: [string, ErrorEntry][] = Object.entries(entries)
    if (codes.length === 0) continue
    lines.push('', `## ${area[0]?.toUpperCase()}${area.slice(1)}`)
    for (const [code, entry] of codes.sort(([a], [b]) => (a < b ? -1 : 1))) {
      lines.push('', `### ${code}`, '', `${capital(entry.title)}. Exit code ${exitCodes[entry.exit]}.`, '')
      lines.push(`- When: ${entry.cause}`, `- What to do: ${entry.fix}`)
      if (entry.retryable) lines.push('- Trying again can succeed.')
    }
  }
  return `${lines.join('\n')}\n`
}

function capital(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`
}

function cliPage(): string {
  const stream = new PassThrough()
  const style = styleFor({}, {})
  const signal = new AbortController().signal
  const io: CliIo = { env: {}, cwd: '/', stdin: stream, stdout: stream, stderr: stream, signal, out: style, err: style }
  const program = createProgram(io, () => {})
  const lines = [
    '# Command line',
    '',
    'Generated from the commands by `npm run docs`. In a checkout, `./sluice` runs the command line, setting it up first if it must.',
  ]
  const walk = (command: Command, path: string[]) => {
    for (const child of command.commands) {
      const hidden = (child as unknown as { _hidden?: boolean })._hidden
      if (hidden || child.name() === 'help') continue
      const name = [...path, child.name()]
      if (child.commands.length === 0) {
        child.configureHelp({ helpWidth: 110 })
        let help = ''
        child.configureOutput({
          writeOut: text => {
            help += text
          },
          writeErr: () => {},
          getOutHelpWidth: () => 110,
        })
        child.outputHelp()
        lines.push('', `## sluice ${name.join(' ')}`, '', '```', help.trimEnd(), '```')
      } else walk(child, name)
    }
  }
  walk(program, [])
  return `${lines.join('\n')}\n`
}
