import { resolve } from 'node:path'
import type { Command } from 'commander'
import { writeFileAtomic } from '../../base/atomic-file.ts'
import { type CliIo, print } from '../io.ts'
import { untilStopped } from '../process.ts'
import { durationArgument, examples, portArgument } from './command.ts'
import { readSpecFiles } from './spec-files.ts'

interface AwsCommandOptions {
  readonly port?: number
  readonly region: string
  readonly updateTime: number
  readonly envFile: string
  readonly filename?: readonly string[]
}

/** `sluice sandbox aws`. */
export function registerSandboxAws(sandbox: Command, { io }: { readonly io: CliIo }): void {
  sandbox
    .command('aws')
    .description('Run an endpoint on loopback, in the shape of AWS as far as node groups need it, until stopped')
    .option('--port <n>', 'port on 127.0.0.1 (default: a free one)', portArgument)
    .option('--region <name>', 'region that it serves', 'eu-north-1')
    .option('--update-time <duration>', 'how long an update of a node group takes', durationArgument, 2000)
    .option('--env-file <file>', 'where to write its address and key, as variables', '.sluice/aws.env')
    .option('-f, --filename <file...>', 'ClusterConfigs whose clusters and groups are there from the start')
    .addHelpText(
      'after',
      examples([
        ['sluice sandbox aws -f clusterconfig.yaml', 'the cluster of the file and its groups'],
        ['. .sluice/aws.env && sluice nodegroups run', 'follow Git against it, in another terminal'],
      ]),
    )
    .action((options: AwsCommandOptions) => runAws(options, io))
}

async function runAws(options: AwsCommandOptions, io: CliIo): Promise<void> {
  const { sandboxAwsKey, startAws } = await import('../../sandbox/aws/index.ts')
  const { groupSizes, readClusterConfig, specError } = await import('../../specs/index.ts')
  const aws = await startAws({
    region: options.region,
    updateMs: options.updateTime,
    ...(options.port === undefined ? {} : { port: options.port }),
  })
  try {
    for (const file of await readSpecFiles(options.filename ?? [], io)) {
      const { found, problems } = readClusterConfig(file)
      if (problems.length > 0 || !found) throw specError(problems)
      const { name } = found.config.metadata
      aws.admin.addCluster(name)
      for (const size of groupSizes(found.config)) {
        const scaling = { minSize: size.min, maxSize: size.max, desiredSize: size.desired ?? size.min }
        if (size.kind === 'managed') aws.admin.addManaged(name, size.name, scaling, { stack: true })
        else aws.admin.addSelfManaged(name, size.name, scaling)
      }
    }
    const lines = [
      `export AWS_ENDPOINT_URL=${aws.url}`,
      `export AWS_ACCESS_KEY_ID=${sandboxAwsKey.accessKeyId}`,
      'export AWS_SECRET_ACCESS_KEY=sandbox',
      `export AWS_REGION=${aws.region}`,
    ]
    const envFile = resolve(io.cwd, options.envFile)
    await writeFileAtomic(envFile, `${lines.join('\n')}\n`)
    print(io, `sandbox AWS ready at ${aws.url} variables ${envFile}`)
    await untilStopped(io)
  } finally {
    await aws.close()
  }
}
