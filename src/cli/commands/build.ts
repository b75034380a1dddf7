import { readFile } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { SluiceError } from '../../base/errors/index.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Kustomization } from '../../specs/index.ts'
import { withCluster } from '../connect.ts'
import type { CliIo } from '../io.ts'
import { registerBuildRelease } from './build-release.ts'
import { addClusterOptions, type ClusterOptions, examples, type RegisterCommand } from './command.ts'

interface BuildOptions extends ClusterOptions {
  readonly namespace: string
  readonly path?: string
  readonly kustomizationFile?: string
  readonly dryRun?: boolean
  readonly showSecrets?: boolean
}

export const registerBuild: RegisterCommand = (program, { io }) => {
  const build = program.command('build').description('Build locally what the engine would apply')
  addClusterOptions(build.command('kustomization <name>').alias('ks'))
    .description('Print the objects that a Kustomization would apply from local files; values of Secrets are masked')
    .option('-n, --namespace <name>', 'namespace of the Kustomization', 'flux-system')
    .option('--path <dir>', 'local folder to build (default: spec.path in the git repository around this folder)')
    .option('--kustomization-file <file>', 'take the Kustomization from this file instead of the cluster')
    .option('--dry-run', 'ask no cluster: with substituteFrom, every variable stays as it is')
    .option('--show-secrets', 'print values of plain Secrets; sealed ones stay masked')
    .addHelpText(
      'after',
      examples([
        ['sluice build kustomization apps --path ./apps/prod', 'before the commit, with the variables of the cluster'],
        [
          'sluice build ks apps --path ./apps --kustomization-file clusters/prod/apps.yaml --dry-run',
          'without any cluster',
        ],
      ]),
    )
    .action((name: string, options: BuildOptions) => buildOne(name, options, io))
  registerBuildRelease(build, io)
}

async function buildOne(name: string, options: BuildOptions, io: CliIo): Promise<void> {
  if (options.dryRun && options.kustomizationFile === undefined) {
    throw new SluiceError('E_USAGE', {
      expected: '--kustomization-file with --dry-run',
      seen: 'none: the Kustomization is in the cluster',
    })
  }
  const print = async (
    object: Kustomization,
    read: (kind: string, name: string) => Promise<KubeObject | undefined>,
  ) => {
    io.stdout.write(await rendered(object, options, io, read))
  }
  if (options.dryRun) {
    const object = await fromFile(options.kustomizationFile ?? '', name, options.namespace, io)
    return print(withoutReferences(object), async () => undefined)
  }
  await withCluster(options, io, async ({ client }) => {
    const { namespace } = options
    const kind = { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind: 'Kustomization' }
    const object =
      options.kustomizationFile === undefined
        ? ((await client.get({ ...kind, namespace, name }, { signal: io.signal })) as Kustomization)
        : await fromFile(options.kustomizationFile, name, namespace, io)
    await print(object, (of, variables) =>
      client.find(
        { group: '', version: 'v1', kind: of, namespace: object.metadata.namespace ?? namespace, name: variables },
        { signal: io.signal },
      ),
    )
  })
}

async function rendered(
  object: Kustomization,
  options: BuildOptions,
  io: CliIo,
  read: (kind: string, name: string) => Promise<KubeObject | undefined>,
): Promise<string> {
  const { buildKustomization } = await import('../../engine/index.ts')
  const { repositoryAround } = await import('../../kustomize/index.ts')
  const { localTree } = await import('../../git/local-tree.ts')
  const { stringifyYamlStream } = await import('../../kube/yaml/index.ts')
  const start = resolve(io.cwd, options.path ?? '.')
  const around = await repositoryAround(start)
  // Outside of a repository nothing but the folder itself is read.
  const root = around === '/' ? start : around
  const folder = options.path === undefined ? resolve(root, `./${object.spec.path ?? ''}`) : start
  const objects = await buildKustomization({
    tree: localTree(root),
    folder: relative(root, folder).split(sep).join('/'),
    kustomization: object,
    read,
    showSecrets: options.showSecrets === true,
  })
  return stringifyYamlStream(objects)
}

async function fromFile(file: string, name: string, namespace: string, io: CliIo): Promise<Kustomization> {
  const { parseObjects } = await import('../../kube/yaml/index.ts')
  const text = await readFile(resolve(io.cwd, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new SluiceError('E_FILE_READ', { object: file, seen: error.code ?? error.message })
  })
  const found = parseObjects(text, { source: file }).find(
    object =>
      object.kind === 'Kustomization' &&
      object.apiVersion.startsWith('kustomize.toolkit.fluxcd.io/') &&
      object.metadata.name === name,
  )
  if (found === undefined)
    throw new SluiceError('E_ENGINE_BUILD', { object: file, expected: `Kustomization/${name}`, seen: 'none' })
  return { ...found, metadata: { namespace, ...found.metadata } } as Kustomization
}

/** Without a cluster, variables of ConfigMaps and Secrets are unknown: then every `${…}` stays as it is. */
function withoutReferences(object: Kustomization): Kustomization {
  const { postBuild, ...spec } = object.spec
  return (postBuild?.substituteFrom ?? []).length === 0 ? object : { ...object, spec: spec as Kustomization['spec'] }
}
