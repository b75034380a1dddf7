import { spawn } from 'node:child_process'
import { isAbsolute, resolve } from 'node:path'
import type { Clock } from '../../../base/clock.ts'
import { SluiceError } from '../../../base/errors/index.ts'
import { isObject } from '../../../base/json.ts'
import { redact, Secret } from '../../../secrets/secret.ts'
import { abortable } from '../abort.ts'
import type { CredentialSource, Credentials } from '../access.ts'
import { type Entry, invalid } from './document.ts'
import type { Environment } from './files.ts'

/** A credential plugin as `users[].user.exec` configures it (client.authentication.k8s.io). */
export interface ExecConfig {
  readonly apiVersion: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly installHint?: string
  /** The cluster, when the plugin asked to be told (`provideClusterInfo`). */
  readonly cluster?: Readonly<Record<string, unknown>>
}

const apiVersions = new Set(['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'])
/** Shorter than a call may take, so that the plugin is named and not the server. */
const defaultRunMs = 25_000
const maxOutput = 1024 * 1024
/** Credentials are fetched again this long before they end, so that none expires on the way. */
const leewayMs = 10_000

/** Reads and checks the `exec` part of a user. */
export function readExecConfig(user: Entry, cluster: Readonly<Record<string, unknown>>): ExecConfig | undefined {
  const exec = user.fields['exec']
  if (exec === undefined || exec === null) return undefined
  const label = `${user.label}: exec`
  if (!isObject(exec)) throw invalid(label, 'a mapping', 'something else')
  const { apiVersion, command, args, env, installHint, interactiveMode, provideClusterInfo } = exec
  if (typeof apiVersion !== 'string' || !apiVersions.has(apiVersion)) {
    throw invalid(
      `${label}.apiVersion`,
      [...apiVersions].join(' or '),
      String(apiVersion),
      'Update the plugin and the kubeconfig.',
    )
  }
  if (typeof command !== 'string' || command === '') throw invalid(`${label}.command`, 'a command', 'none')
  if (interactiveMode === 'Always') {
    throw invalid(
      `${label}.interactiveMode`,
      'IfAvailable or Never',
      'Always',
      'Use a way to sign in that needs no terminal.',
    )
  }
  return {
    apiVersion,
    // Like kubectl: a path is relative to the kubeconfig's folder, a bare name is looked for in PATH.
    command: /[\\/]/.test(command) && !isAbsolute(command) ? resolve(user.folder, command) : command,
    args: Array.isArray(args) ? args.map(String) : [],
    env: Object.fromEntries(
      (Array.isArray(env) ? env : []).filter(isObject).map(e => [String(e['name']), String(e['value'] ?? '')]),
    ),
    ...(typeof installHint === 'string' ? { installHint } : {}),
    ...(provideClusterInfo === true ? { cluster } : {}),
  }
}

/** A plugin gets the environment, as kubectl's do, but for what is ours: keys, addresses of databases, secrets of clients. */
function withoutOwn(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SLUICE_')))
}

/** Credentials from a plugin, kept until they expire or the server refuses them. */
export class ExecPlugin implements CredentialSource {
  readonly #config: ExecConfig
  readonly #env: Environment
  readonly #clock: Clock
  readonly #runMs: number
  #cached: { readonly credentials: Credentials; readonly expiresAt: number } | undefined
  #running: Promise<Credentials> | undefined

  constructor(config: ExecConfig, env: Environment, clock: Clock, runMs = defaultRunMs) {
    this.#config = config
    this.#runMs = runMs
    this.#env = env
    this.#clock = clock
  }

  current(signal?: AbortSignal): Credentials | Promise<Credentials> {
    const cached = this.#cached
    if (cached && cached.expiresAt - leewayMs > this.#clock.now().getTime()) return cached.credentials
    // One run for all who wait: one of them may leave, and the run, which is bounded in time, goes on for the others.
    this.#running ??= this.#fetch().finally(() => {
      this.#running = undefined
    })
    this.#running.catch(() => {})
    return abortable(this.#running, signal)
  }

  refresh(): boolean {
    this.#cached = undefined
    return true
  }

  async #fetch(): Promise<Credentials> {
    const { credentials, expiresAt } = readCredential(await this.#run(), this.#config)
    this.#cached = { credentials, expiresAt }
    return credentials
  }

  #run(): Promise<string> {
    const { command, args, env, apiVersion, cluster } = this.#config
    const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false, ...(cluster ? { cluster } : {}) } }
    return new Promise((done, fail) => {
      const child = spawn(command, [...args], {
        env: { ...withoutOwn(this.#env), ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
        stdio: ['ignore', 'pipe', 'pipe'],
        // A plugin that is a script has children: they hold the pipes, and end with it only as a group.
        detached: true,
      })
      let out = ''
      let complaint = ''
      let cut: string | undefined
      const stop = (why: string) => {
        cut ??= why
        killGroup(child.pid)
      }
      const timer = setTimeout(() => stop(`no answer within ${this.#runMs / 1000} s`), this.#runMs)
      // A process of its own group hears no Ctrl-C; it must not outlive us either.
      const orphan = () => killGroup(child.pid)
      process.once('exit', orphan)
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text
        if (out.length > maxOutput) stop(`an answer of more than ${maxOutput} bytes`)
      })
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (complaint.length < 2000) complaint += text
      })
      const end = () => {
        clearTimeout(timer)
        process.removeListener('exit', orphan)
      }
      child.on('error', cause => {
        end()
        fail(pluginError(this.#config, startFault(cause), cause))
      })
      child.on('close', (code, signal) => {
        end()
        if (code === 0 && cut === undefined) return done(out)
        const how = cut ?? (signal === null ? `exit code ${code}` : `ended by ${signal}`)
        fail(pluginError(this.#config, `${how}: ${redact(complaint.trim()) || 'no message'}`))
      })
    })
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

function startFault(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' ? 'the command is not there' : `the command cannot be started (${code})`
}

function readCredential(text: string, config: ExecConfig): { credentials: Credentials; expiresAt: number } {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    throw pluginError(config, 'an answer that is not JSON')
  }
  const status = isObject(answer) && answer['kind'] === 'ExecCredential' ? answer['status'] : undefined
  if (!isObject(answer) || !isObject(status)) throw pluginError(config, 'an answer without an ExecCredential status')
  if (answer['apiVersion'] !== config.apiVersion) {
    throw pluginError(config, `an answer of ${String(answer['apiVersion'])} where ${config.apiVersion} was asked for`)
  }
  const { token, clientCertificateData: certificate, clientKeyData: key, expirationTimestamp } = status
  const hasToken = typeof token === 'string' && token !== ''
  const hasCertificate = typeof certificate === 'string' && certificate !== '' && typeof key === 'string' && key !== ''
  if (!hasToken && !hasCertificate) throw pluginError(config, 'neither a token nor a certificate with its key')
  const ends = typeof expirationTimestamp === 'string' ? Date.parse(expirationTimestamp) : Number.NaN
  return {
    credentials: {
      ...(hasToken ? { token: Secret.of(token) } : {}),
      ...(hasCertificate ? { clientCertificate: { certificate, key: Secret.of(key) } } : {}),
    },
    expiresAt: Number.isNaN(ends) ? Number.POSITIVE_INFINITY : ends,
  }
}

function pluginError(config: ExecConfig, seen: string, cause?: unknown): SluiceError {
  const next = config.installHint === undefined ? undefined : redact(config.installHint)
  return new SluiceError('E_KUBE_EXEC', {
    object: config.command,
    seen,
    cause,
    ...(next === undefined ? {} : { next }),
  })
}
