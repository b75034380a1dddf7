import { carriedHelm, findHelm, installTool } from '../../tools/index.ts'
import { print } from '../io.ts'
import { examples, type OutputFormat, outputOption, type RegisterCommand } from './command.ts'

interface ToolsOptions {
  readonly output?: OutputFormat
}

export const registerTools: RegisterCommand = (program, { io }) => {
  const tools = program
    .command('tools')
    .description('The programs of others that Sluice runs: helm, for HelmReleases')
    .addHelpText(
      'after',
      examples([
        ['sluice tools list', 'which helm is used'],
        ['sluice tools install', 'fetch helm 4 into the user cache (linux-x64)'],
      ]),
    )
  tools
    .command('list')
    .description('Show which programs are used and where they are')
    .addOption(outputOption('json'))
    .addHelpText('after', examples([['sluice tools list -o json', 'for scripts']]))
    .action(async (options: ToolsOptions) => {
      const helm = await findHelm(process.env)
      if (options.output === 'json') print(io, JSON.stringify([{ name: 'helm', ...helm }]))
      else print(io, `helm ${helm.version}  ${helm.path}  (${helm.from})`)
    })
  tools
    .command('install')
    .description(
      `Fetch helm ${carriedHelm.version} into the user's cache and check its digest; nothing else is changed`,
    )
    .addOption(outputOption('json'))
    .addHelpText('after', examples([['sluice tools install', 'does nothing when it is there already']]))
    .action(async (options: ToolsOptions) => {
      const { tool, path, fetched } = await installTool({ env: process.env })
      if (options.output === 'json')
        print(io, JSON.stringify({ name: tool.name, version: tool.version, path, fetched }))
      else print(io, `helm ${tool.version} ${fetched ? 'fetched' : 'is there already'}: ${path}`)
    })
}
