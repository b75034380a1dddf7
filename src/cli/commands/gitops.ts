import type { CommandContext, RegisterCommand } from './command.ts'
import { registerGitOpsMove } from './gitops-move.ts'
import { registerGitOpsRemove } from './gitops-remove.ts'

export const registerGitOps: RegisterCommand = (program, context: CommandContext) => {
  const group = program.command('gitops').description('Change where a cluster follows Git, or stop it following')
  registerGitOpsMove(group, context)
  registerGitOpsRemove(group, context)
}
