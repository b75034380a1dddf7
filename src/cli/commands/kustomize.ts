import { resolve } from 'node:path'
import { Option } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import { note } from '../io.ts'
import { printable } from '../output/printable.ts'
import { examples, type RegisterCommand } from './command.ts'

interface KustomizeOptions {
  readonly loadRestrictor: 'LoadRestrictionsRootOnly' | 'LoadRestrictionsNone'
  readonly root?: string
  readonly output?: string
}

export const registerKustomize: RegisterCommand = (program, { io, finish }) => {
  program
    .command('kustomize')
    .description('Build kustomizations in process, byte for byte as kustomize does')
    .command('build [dir]')
    .description('Print the objects of the kustomization in a folder (default: this folder)')
    .addOption(
      new Option('--load-restrictor <which>', 'which files a kustomization may name')
        .choices(['LoadRestrictionsRootOnly', 'LoadRestrictionsNone'])
        .default('LoadRestrictionsRootOnly'),
    )
    .option('--root <dir>', 'read nothing outside this folder (default: the git repository around the folder, if any)')
    .option('-o, --output <file>', 'write to this file instead of standard output')
    .addHelpText(
      'after',
      examples([
        ['sluice kustomize build clusters/prod', 'print what it builds'],
        ['sluice kustomize build clusters/prod -o prod.yaml', 'write it to a file'],
        ['sluice kustomize build overlay --load-restrictor LoadRestrictionsNone', 'as Flux builds'],
      ]),
    )
    .action(async (dir: string | undefined, options: KustomizeOptions) => {
      const { buildFolder } = await import('../../kustomize/index.ts')
      let yaml: string
      try {
        const built = await buildFolder(resolve(io.cwd, dir ?? '.'), {
          loadRestrictor: options.loadRestrictor === 'LoadRestrictionsNone' ? 'none' : 'rootOnly',
          signal: io.signal,
          ...(options.root === undefined ? {} : { root: resolve(io.cwd, options.root) }),
        })
        yaml = built.yaml()
      } catch (error) {
        if (!(error instanceof SluiceError) || !error.code.startsWith('E_KUSTOMIZE_')) throw error
        // kustomize's own words and exit code: scripts that ran kustomize run this.
        note(io, `Error: ${printable(error.facts.seen ?? error.message)}`)
        return finish(1)
      }
      if (options.output === undefined) io.stdout.write(yaml)
      else {
        const { writeFileAtomic } = await import('../../base/atomic-file.ts')
        await writeFileAtomic(resolve(io.cwd, options.output), yaml)
      }
    })
}
