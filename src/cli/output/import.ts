import type { FleetReport } from '../../gitops/import-report.ts'
import type { ImportPlan } from '../../gitops/index.ts'
import { diffLines } from './bootstrap.ts'
import { printable } from './printable.ts'
import type { Style } from './style.ts'

const makers = {
  'eks-anywhere': 'EKS Anywhere',
  flux: 'flux bootstrap',
  sluice: 'Sluice',
  unknown: 'somebody else',
} as const

/** What an import found, what it proved and what it adds, as text. */
export function renderImport(plan: ImportPlan, style: Style): string {
  const { owner, name, branch, url } = plan.repository
  const lines = [
    `${style.bold(printable(owner === '' ? url : `${owner}/${name}`))}, branch ${printable(branch)} at ${plan.tip.slice(0, 7)}`,
  ]
  for (const fleet of plan.fleets) lines.push(...fleetLines(fleet, style))
  if (plan.outside.length > 0)
    lines.push(
      `${style.attention('!')} not understood, and left as it is: ${plan.outside.slice(0, 20).map(printable).join(', ')}`,
    )
  lines.push('', style.bold('Built before and after, object for object:'))
  for (const { kustomization, path, objects } of plan.proof) {
    const where = path === '' ? 'the root' : printable(path)
    lines.push(
      `  ${style.good('=')} Kustomization/${printable(kustomization)} (${where}): ${objects} objects, the same`,
    )
  }
  lines.push('')
  for (const { path, action, diff } of plan.files) {
    lines.push(action === 'keep' ? style.dim(`  = ${path}`) : `  ${style.good('+')} ${path}`)
    if (action === 'create') lines.push(...diffLines(diff, style, '      '))
  }
  const todo = plan.files.some(file => file.action === 'create')
  const how = plan.review === undefined ? '' : `, through a request: ${printable(plan.review)}`
  lines.push(todo ? `One commit${how}.` : 'Nothing to do: Sluice manages this repository.')
  return `${lines.join('\n')}\n`
}

function fleetLines(fleet: FleetReport, style: Style): string[] {
  const { engine, sync } = fleet
  const version = engine.version === undefined ? '' : ` ${engine.version}`
  const runs = engine.kind === 'flux' ? `Flux${version}` : engine.kind === 'sluice' ? `Sluice${version}` : 'no engine'
  const lines = [
    '',
    `${style.bold(fleet.path === '' ? 'the root' : printable(fleet.path))}: made by ${makers[fleet.maker]}${fleet.layout === 'before-0.6' ? ' (the tree of versions before 0.6)' : ''}, ${runs}`,
  ]
  if (engine.components.length > 0) lines.push(`  components  ${engine.components.map(printable).join(', ')}`)
  if (sync) {
    lines.push(
      `  follows     ${printable(sync.url ?? '?')}, branch ${printable(sync.branch ?? '?')}, path ${printable(sync.path === '' ? '.' : (sync.path ?? '?'))}`,
      `  every       ${printable(sync.interval ?? '?')}, applied again every ${printable(sync.syncInterval ?? '?')}, with Secret ${printable(sync.secret ?? 'none')}`,
    )
  }
  for (const { name, groups } of fleet.clusters) {
    const sizes = groups.map(group => `${printable(group.name)} ${group.size}`).join(', ')
    lines.push(`  cluster     ${printable(name)}${sizes === '' ? '' : `: ${sizes}`}`)
  }
  for (const text of fleet.notes) lines.push(`  ${style.attention('note')} ${printable(text)}`)
  if (fleet.notUnderstood.length > 0)
    lines.push(
      `  ${style.attention('!')} not understood, and left as it is: ${fleet.notUnderstood.slice(0, 20).map(printable).join(', ')}`,
    )
  return lines
}
