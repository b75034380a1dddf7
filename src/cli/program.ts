import { Command, CommanderError } from 'commander'
import { SluiceError } from '../base/errors/index.ts'
import { registerCommands } from './commands/index.ts'
import type { CliIo } from './io.ts'

/** The whole command tree. Building it loads no command's code, so that `--help` is quick. */
export function createProgram(io: CliIo, finish: (code: number) => void): Command {
  const program = new Command('sluice')
    .description('From a cluster spec and a Git token to a fleet in which every change is a commit.')
    .configureOutput({
      writeOut: text => io.stdout.write(text),
      writeErr: text => io.stderr.write(text),
      outputError: () => {},
      getOutHasColors: () => io.out.enabled,
      getErrHasColors: () => io.err.enabled,
    })
    .configureHelp({ sortOptions: false, styleTitle: text => io.out.bold(text) })
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError(true)
    .enablePositionalOptions()
    .exitOverride()
  registerCommands(program, { io, finish })
  return program
}

/**
 * Runs one command line.
 *
 * @returns the exit code: 0, or a code that a command reported without failing (`diff` with differences: 1)
 * @throws SluiceError what failed
 */
export async function runProgram(argv: readonly string[], io: CliIo): Promise<number> {
  let code = 0
  const program = createProgram(io, value => {
    code = value
  })
  if (argv.length === 1 && argv[0] === '--version') argv = ['version', '--short']
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return 0
    if (error.code === 'commander.help') return 2
    throw usageError(error)
  }
}

function usageError(error: CommanderError): SluiceError {
  return new SluiceError('E_USAGE', { seen: error.message.replace(/^error: /, '').replaceAll('\n', ' ') })
}
