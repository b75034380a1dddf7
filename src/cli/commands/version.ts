import { version } from '../../base/version.ts'
import { print } from '../io.ts'
import { type OutputFormat, outputOption, type RegisterCommand } from './command.ts'

export const registerVersion: RegisterCommand = (program, { io }) => {
  program
    .command('version')
    .description('Show the version of Sluice and of what it runs on')
    .option('--short', 'only the version of Sluice')
    .addOption(outputOption('json'))
    .action((options: { short?: boolean; output?: OutputFormat }) => {
      const facts = { sluice: version, node: process.versions.node, platform: `${process.platform}/${process.arch}` }
      if (options.output === 'json') print(io, JSON.stringify(facts))
      else if (options.short) print(io, version)
      else print(io, `Sluice ${facts.sluice} (Node ${facts.node}, ${facts.platform})`)
    })
}
