#!/usr/bin/env node
// Runs the demo as a newcomer's script would, checks its one JSON document, and ends with a line for CI.
import { spawnSync } from 'node:child_process'

const started = Date.now()
const run = spawnSync('npm', ['run', '--silent', 'demo', '--', '-o', 'json'], { encoding: 'utf8', timeout: 300_000 })
const problems = []
let result
try {
  result = JSON.parse(run.stdout)
} catch {
  problems.push(`standard output is not one JSON document: ${run.stdout.slice(0, 200)}`)
}
if (run.status !== 0) problems.push(`exit code ${run.status}\n${run.stderr}`)
if (result) {
  if (result.converged !== true) problems.push('not converged')
  const counts = result.scale.map(one => `${one.from}->${one.to}`)
  if (result.scale.length !== 3 || result.scale[1].to !== 0 || result.scale[2].to !== result.scale[0].from)
    problems.push(`unexpected pushes: ${counts}`)
  for (const one of result.scale) {
    for (const key of ['cluster', 'group', 'from', 'to', 'pushToAppliedMs', 'pushToReadyMs'])
      if (one[key] === undefined) problems.push(`a push has no ${key}`)
    console.log(
      `${one.cluster} ${one.group} ${one.from} -> ${one.to}: applied after ${one.pushToAppliedMs} ms, Ready after ${one.pushToReadyMs} ms`,
    )
  }
}
for (const problem of problems) console.error(problem)
console.log(`demo took ${((Date.now() - started) / 1000).toFixed(1)} s`)
console.log(problems.length === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed')
process.exit(problems.length === 0 ? 0 : 1)
