import type { Command } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import { print } from '../io.ts'
import { examples, type RegisterCommand } from './command.ts'

export const registerCompletion: RegisterCommand = (program, { io }) => {
  program
    .command('completion')
    .description('Print the shell completion script')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText(
      'after',
      examples([
        ['source <(sluice completion bash)', 'in ~/.bashrc'],
        ['sluice completion fish | source', 'in config.fish'],
      ]),
    )
    .action((shell: string) => {
      const script = Object.hasOwn(scripts, shell) ? scripts[shell as keyof typeof scripts] : undefined
      if (script === undefined) throw new SluiceError('E_USAGE', { expected: 'bash, zsh or fish', seen: shell })
      print(io, script)
    })
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action((words: string[]) => {
      for (const candidate of candidates(program, words)) print(io, candidate)
    })
}

/** What may stand at the last word: sub-commands, or options when it begins with a dash, or an option's choices. */
export function candidates(program: Command, words: readonly string[]): string[] {
  const last = words.at(-1) ?? ''
  let command = program
  for (const word of words.slice(0, -1)) {
    if (word.startsWith('-')) continue
    command = command.commands.find(one => one.name() === word || one.aliases().includes(word)) ?? command
  }
  const previous = words.at(-2)
  const option = previous?.startsWith('-')
    ? command.options.find(one => one.long === previous || one.short === previous)
    : undefined
  const all = option?.argChoices
    ? [...option.argChoices]
    : last.startsWith('-')
      ? [...command.options.filter(one => !one.hidden).map(one => one.long ?? one.short ?? ''), '--help']
      : command.commands.filter(one => !(one as unknown as { _hidden?: boolean })._hidden).map(one => one.name())
  return all.filter(one => one.startsWith(last))
}

const scripts = {
  bash: `_sluice() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [ \${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _sluice sluice
`,
  zsh: `#compdef sluice
_sluice() {
  local -a found
  found=(\${(f)"$(\${words[1]} __complete -- \${words[2,CURRENT]} 2>/dev/null)"})
  if (( \${#found} )); then compadd -a found; else _files; fi
}
compdef _sluice sluice
`,
  fish: `complete -c sluice -a '(set -l words (commandline -opc) (commandline -ct); sluice __complete -- $words[2..-1] 2>/dev/null)'
`,
} as const
