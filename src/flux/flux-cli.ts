import { access, constants, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import { SluiceError } from '../base/errors/index.ts'
import { runProgram } from '../tools/run.ts'
import { maxManifestBytes } from './manifests.ts'
import { type FluxOptions, flagOf } from './options.ts'

/** What of the environment `flux install` may need: it downloads the manifests of other versions than its own. */
const passedOn = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'SSL_CERT_FILE']

/**
 * Asks the flux on PATH for its manifests with these options: `flux install --export`. It runs in an empty folder, with
 * an environment that names no cluster and holds no credential.
 *
 * @throws SluiceError E_FLUX_CLI, E_TIMEOUT
 */
export async function manifestsOfCli(load: {
  readonly options: FluxOptions
  readonly namespace: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}): Promise<{ readonly text: string; readonly program: string }> {
  const { env, signal } = load
  const program = await findFlux(env)
  const folder = await mkdtemp(join(tmpdir(), 'sluice-flux-'))
  try {
    const passed = passedOn.flatMap(name => (env[name] ? [[name, env[name]] as const] : []))
    const result = await runProgram(program, ['install', '--export', ...cliArguments(load)], {
      env: { HOME: folder, KUBECONFIG: join(folder, 'none'), ...Object.fromEntries(passed) },
      cwd: folder,
      timeoutMs: 120_000,
      maxOutputBytes: maxManifestBytes,
      signal,
    })
    if (result.exitCode === 0) return { text: result.stdout, program }
    const said = result.stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? ''
    throw new SluiceError('E_FLUX_CLI', {
      object: `${program} install --export`,
      seen: said || `exit ${result.exitCode}`,
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The options as flux's own flags. */
export function cliArguments({
  options,
  namespace,
}: {
  readonly options: FluxOptions
  readonly namespace: string
}): string[] {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return [
    `--namespace=${namespace}`,
    ...given.map(
      ([name, value]) => `${flagOf[name as keyof FluxOptions]}=${Array.isArray(value) ? value.join(',') : value}`,
    ),
  ]
}

async function findFlux(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'flux')
    if (!isAbsolute(folder)) continue
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return path
  }
  throw new SluiceError('E_FLUX_CLI', { object: 'flux', expected: 'a program of this name on PATH', seen: 'none' })
}
