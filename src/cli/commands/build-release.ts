import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { ReleasePreview } from '../../engine/index.ts'
import { withCluster } from '../connect.ts'
import { type CliIo, print } from '../io.ts'
import { addClusterOptions, type ClusterOptions, examples } from './command.ts'
import { addForgeOptions, type ForgeOptions } from './forge-options.ts'
import { type SubjectOptions, subjectOf } from './subject-options.ts'

interface BuildReleaseOptions extends ClusterOptions, ForgeOptions, SubjectOptions {
  readonly namespace: string
  readonly chart?: string
  readonly showSecrets?: boolean
}

/** Adds `build helmrelease`. */
export function registerBuildRelease(build: Command, io: CliIo): void {
  addForgeOptions(addClusterOptions(build.command('helmrelease <name>').alias('hr')))
    .description('Print what a HelmRelease would release, hooks included; values of Secrets are masked')
    .option('-n, --namespace <name>', 'namespace of the HelmRelease', 'flux-system')
    .addOption(
      new Option('--path <dir>', 'working tree with the HelmRelease (default: the object in the cluster)').conflicts([
        'revision',
        'branch',
      ]),
    )
    .addOption(new Option('--revision <rev>', 'branch, full ref or commit of the repository').conflicts('branch'))
    .option('--branch <name>', 'branch of the repository')
    .option('--chart <path>', 'folder or packed chart to render in the place of its own')
    .option('--show-secrets', 'print the values of Secrets')
    .addHelpText(
      'after',
      examples([
        ['sluice build helmrelease web -n shop', 'what the engine would give to the cluster'],
        ['sluice build hr web -n shop --path ../fleet', 'with the values of a working tree'],
        ['sluice build hr web -n shop --chart ./charts/web', 'with a chart that is not released yet'],
      ]),
    )
    .action(async (name: string, options: BuildReleaseOptions) => {
      const { previewRelease } = await import('../../fleet/release-preview.ts')
      const { chart, namespace, showSecrets = false } = options
      const text = await withCluster(options, io, async cluster => {
        const subject = await subjectOf(options, cluster, io)
        const request = {
          ...{ client: cluster.client, env: io.env, signal: io.signal, name, namespace },
          ...(subject === undefined ? {} : { subject }),
          ...(chart === undefined ? {} : { chart: resolve(io.cwd, chart) }),
        }
        return previewRelease(request, preview => shownText(preview, showSecrets))
      })
      print(io, text.trimEnd())
    })
}

/** The manifest; what came from Secrets is taken out of every object unless it is asked for. */
async function shownText({ manifest }: ReleasePreview, showSecrets: boolean): Promise<string> {
  if (showSecrets) return manifest
  const { maskSecrets } = await import('../../engine/index.ts')
  const { parseObjects, stringifyYamlStream } = await import('../../kube/yaml/index.ts')
  const { redact } = await import('../../secrets/secret.ts')
  return redact(stringifyYamlStream(parseObjects(manifest).map(maskSecrets)))
}
