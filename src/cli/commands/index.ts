import type { Command } from 'commander'
import { registerBootstrap } from './bootstrap.ts'
import { registerBuild } from './build.ts'
import { registerCheck } from './check.ts'
import { registerCluster } from './cluster.ts'
import type { CommandContext } from './command.ts'
import { registerCompletion } from './completion.ts'
import { registerCredential } from './credential.ts'
import { registerDebug } from './debug.ts'
import { registerDemo } from './demo.ts'
import { registerDiff } from './diff.ts'
import { registerEdit } from './edit.ts'
import { registerEnable } from './enable.ts'
import { registerEngine } from './engine.ts'
import { registerEvents } from './events.ts'
import { registerExport } from './export.ts'
import { registerGet } from './get.ts'
import { registerGitOps } from './gitops.ts'
import { registerImport } from './import.ts'
import { registerKustomize } from './kustomize.ts'
import { registerLogs } from './logs.ts'
import { registerNodegroups } from './nodegroups.ts'
import { registerReconcile } from './reconcile.ts'
import { registerSandbox } from './sandbox.ts'
import { registerScale } from './scale.ts'
import { registerSecret } from './secret.ts'
import { registerServe } from './serve.ts'
import { registerStats } from './stats.ts'
import { registerSuspend } from './suspend.ts'
import { registerToken } from './token.ts'
import { registerTools } from './tools.ts'
import { registerTrace } from './trace.ts'
import { registerTree } from './tree.ts'
import { registerUninstall } from './uninstall.ts'
import { registerUp } from './up.ts'
import { registerVersion } from './version.ts'
import { registerWhy } from './why.ts'

/** Adds every command, in the order in which help lists them. */
export function registerCommands(program: Command, context: CommandContext): void {
  const all = [
    registerUp,
    registerServe,
    registerBootstrap,
    registerImport,
    registerGitOps,
    registerCheck,
    registerGet,
    registerScale,
    registerEdit,
    registerCluster,
    registerBuild,
    registerDiff,
    registerKustomize,
    registerReconcile,
    registerSecret,
    registerSuspend,
    registerEvents,
    registerLogs,
    registerTree,
    registerWhy,
    registerTrace,
    registerStats,
    registerExport,
    registerDebug,
    registerCredential,
    registerToken,
    registerEngine,
    registerUninstall,
    registerNodegroups,
    registerEnable,
    registerSandbox,
    registerDemo,
    registerTools,
    registerVersion,
    registerCompletion,
  ]
  for (const register of all) register(program, context)
}
