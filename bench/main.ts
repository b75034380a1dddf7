import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { renderTable } from '../src/cli/output/table.ts'
import { applicationsBench } from './applications.ts'
import { bootstrapBench } from './bootstrap.ts'
import { clusterBench } from './cluster.ts'
import { consoleBench } from './console.ts'
import { kustomizeBench } from './kustomize.ts'
import { pushBench } from './push.ts'
import { scaleBench } from './scale.ts'
import type { Benchmark, Figure } from './types.ts'

const benchmarks: readonly Benchmark[] = [
  applicationsBench,
  bootstrapBench,
  scaleBench,
  pushBench,
  kustomizeBench,
  clusterBench,
  consoleBench,
]

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    scale: { type: 'string', default: '1' },
    sizes: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    kubeconfig: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  process.stdout.write(
    `npm run bench -- [--only NAME]… [--scale SHARE] [--sizes N,N…] [--rounds N] [--kubeconfig FILE] [--json]\n\n`,
  )
  process.stdout.write(
    renderTable(benchmarks, [
      { header: 'NAME', value: one => one.name },
      { header: 'MEASURES', value: one => one.about },
    ]),
  )
  process.exit(0)
}

const stop = new AbortController()
process.on('SIGINT', () => stop.abort(new Error('stopped')))
const installed = ['flux', 'argocd'].filter(isOnPath)
const note = (text: string) => process.stderr.write(`${text}\n`)
note(
  installed.length === 0
    ? 'Neither flux nor argocd is installed here: Sluice is held against a bare client only.'
    : `${installed.join(' and ')} found on PATH; their controllers are not started by this benchmark.`,
)
const results: { benchmark: string; figures: readonly Figure[] }[] = []
for (const benchmark of benchmarks) {
  if (values.only && !values.only.includes(benchmark.name)) continue
  note(`== ${benchmark.name}: ${benchmark.about}`)
  results.push({
    benchmark: benchmark.name,
    figures: await benchmark.run({
      note,
      scale: Number(values.scale),
      rounds: Math.max(1, Number(values.rounds)),
      signal: stop.signal,
      ...(values.sizes === undefined ? {} : { sizes: values.sizes.split(',').map(Number) }),
      ...(values.kubeconfig === undefined ? {} : { kubeconfig: values.kubeconfig }),
    }),
  })
}
function valueText(value: number, unit: Figure['unit']): string {
  return `${Number.isInteger(value) || value >= 10 ? Math.round(value) : value.toFixed(2)} ${unit}`
}

/** Whether a command is installed. */
function isOnPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, name)))
}

if (values.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
else {
  const rows = results.flatMap(({ benchmark, figures }) => figures.map(figure => ({ benchmark, ...figure })))
  process.stdout.write(
    renderTable(rows, [
      { header: 'BENCHMARK', value: row => row.benchmark },
      { header: 'FIGURE', value: row => row.name },
      { header: 'VALUE', value: row => valueText(row.value, row.unit) },
      {
        header: 'AGAINST',
        value: row => (row.against ? `${row.against.ratio.toFixed(2)} × ${row.against.name}` : '-'),
      },
    ]),
  )
  const goals = rows.filter(row => row.goal !== undefined)
  if (goals.length > 0) {
    const measured = ({ value, unit, against, goal }: Figure) =>
      goal?.wanted.includes('×') && against ? `${against.ratio.toFixed(2)} ×` : valueText(value, unit)
    process.stdout.write('\n')
    process.stdout.write(
      renderTable(goals, [
        { header: 'GOAL', value: row => row.name },
        { header: 'WANTED', value: row => row.goal!.wanted },
        { header: 'MEASURED', value: measured },
        { header: 'MET', value: row => (row.goal!.met ? 'met' : 'not met') },
      ]),
    )
    process.stdout.write(`${goals.filter(row => row.goal!.met).length} of ${goals.length} goals met\n`)
  }
}
process.exit(0)
