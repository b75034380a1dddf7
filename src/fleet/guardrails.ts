import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import type { ReviewMode } from '../forges/changes/index.ts'
import {
  type AppliedGuardrail,
  checkChange,
  formatProblem,
  type Guardrail,
  readGuardrails,
  type SizeChange,
} from '../specs/index.ts'
import type { FleetSync } from './find-sync.ts'

/**
 * Where guardrails stand, at the root of the repository. An engine that syncs the root takes every `.yaml` there for a
 * manifest; the other name has an extension that none looks at.
 */
export const guardrailsFiles = ['sluice.yaml', 'sluice.rules'] as const

/** The limits of a commit for changes of one cluster's sizes. Fails with E_FLEET_GUARDRAILS_INVALID. */
export async function applyGuardrails(
  tree: FileTree,
  sync: Pick<FleetSync, 'path'>,
  about: { readonly cluster: string; readonly clock: Clock },
  changes: readonly SizeChange[],
): Promise<AppliedGuardrail[]> {
  return checkChange(await loadGuardrails(tree, sync), about.cluster, changes, about.clock.now())
}

/** The limits of a commit. Fails with E_FLEET_GUARDRAILS_INVALID. */
export async function loadGuardrails(
  tree: FileTree,
  { path: synced }: Pick<FleetSync, 'path'>,
): Promise<readonly Guardrail[]> {
  const [yaml, rules] = await Promise.all(guardrailsFiles.map(path => tree.entry(path)))
  if (yaml && rules) {
    throw new SluiceError('E_FLEET_GUARDRAILS_INVALID', {
      expected: 'one of them',
      seen: guardrailsFiles.join(' and '),
    })
  }
  const entry = yaml ?? rules
  if (!entry) return []
  if (entry === yaml && synced === '' && !(await hasKustomization(tree))) {
    throw new SluiceError('E_FLEET_GUARDRAILS_INVALID', {
      object: entry.path,
      expected: `${guardrailsFiles[1]}: the engine syncs the root of the repository, and takes every .yaml there for a manifest`,
      seen: entry.path,
      next: `git mv ${guardrailsFiles[0]} ${guardrailsFiles[1]}`,
    })
  }
  const text = (await tree.read(entry.path))?.toString('utf8')
  if (text === undefined) {
    throw new SluiceError('E_FLEET_GUARDRAILS_INVALID', {
      object: entry.path,
      expected: 'a file',
      seen: `a ${entry.kind}`,
    })
  }
  const { guardrails, problems } = readGuardrails({ path: entry.path, text })
  if (problems.length > 0) {
    const lines = problems.map(formatProblem)
    throw new SluiceError('E_FLEET_GUARDRAILS_INVALID', { object: entry.path, seen: lines.join('\n  ') })
  }
  return guardrails
}

async function hasKustomization(tree: FileTree): Promise<boolean> {
  const names = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']
  return (await Promise.all(names.map(name => tree.entry(name)))).some(entry => entry?.kind === 'file')
}

/** Fails with E_FLEET_GUARDRAIL when a limit is broken, or when the change is about to be pushed although two persons are wanted. */
export function refuseBroken(cluster: string, guardrails: readonly AppliedGuardrail[] = [], mode: ReviewMode): void {
  const broken = guardrails.filter(one => one.broken !== undefined)
  if (broken.length > 0) {
    throw new SluiceError('E_FLEET_GUARDRAIL', {
      object: [...new Set(broken.map(one => `${cluster}/${one.group}`))].join(', '),
      expected: broken.map(one => `${one.rule} (${one.place})`).join('; '),
      seen: broken.map(one => one.broken).join('; '),
    })
  }
  const rule = guardrails.find(one => one.twoPerson)
  if (rule && mode !== 'always') {
    throw new SluiceError('E_FLEET_GUARDRAIL', {
      object: `${cluster}/${rule.group}`,
      expected: `${rule.rule} (${rule.place})`,
      seen: `--pull-request=${mode}`,
      next: 'Run it with --pull-request.',
      details: { twoPerson: true },
    })
  }
}

/** Why a change goes through a request, when a guardrail says so. */
export function twoPersonRule(guardrails: readonly AppliedGuardrail[] = []): string | undefined {
  const rule = guardrails.find(one => one.twoPerson)
  return rule && `${rule.place} wants one for ${rule.group}`
}
