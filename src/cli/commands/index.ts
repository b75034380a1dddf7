import type { Command } from 'commander'
import { registerBootstrap } from './bootstrap.ts'
import { registerCheck } from './check.ts'
import type { CommandContext } from './command.ts'
import { registerCompletion } from './completion.ts'
import { registerCredential } from './credential.ts'
import { registerDemo } from './demo.ts'
import { registerDiff } from './diff.ts'
import { registerEngine } from './engine.ts'
import { registerEvents } from './events.ts'
import { registerGet } from './get.ts'
import { registerReconcile } from './reconcile.ts'
import { registerSandbox } from './sandbox.ts'
import { registerScale } from './scale.ts'
import { registerSuspend } from './suspend.ts'
import { registerTools } from './tools.ts'
import { registerUp } from './up.ts'
import { registerVersion } from './version.ts'

/** Adds every command, in the order in which help lists them. */
export function registerCommands(program: Command, context: CommandContext): void {
  const all = [
    registerUp,
    registerBootstrap,
    registerCheck,
    registerGet,
    registerScale,
    registerDiff,
    registerReconcile,
    registerSuspend,
    registerEvents,
    registerEngine,
    registerSandbox,
    registerDemo,
    registerTools,
    registerVersion,
    registerCompletion,
    registerCredential,
  ]
  for (const register of all) register(program, context)
}
