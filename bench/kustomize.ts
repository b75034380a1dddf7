import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { memoryTree } from '../src/base/file-tree.ts'
import { build } from '../src/kustomize/index.ts'
import { percentile } from './stats.ts'
import type { Benchmark, Figure } from './types.ts'

const exec = promisify(execFile)

/** A small overlay as most repositories have them, and a large one; both held against `kubectl kustomize`. */
export const kustomizeBench: Benchmark = {
  name: 'kustomize',
  about: 'an overlay of 10 and one of 2 000 Deployments with prefix, namespace, labels, image, patch and generator',
  async run({ note, scale, signal }) {
    const figures: Figure[] = []
    for (const [count, runs, spawns] of [
      [10, 50, 5],
      [Math.max(20, Math.round(2000 * scale)), 5, 1],
    ] as const) {
      const files = overlay(count)
      const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
      try {
        await write(folder, files)
        const tree = memoryTree(files)
        // The engine is a long-running process: what counts is the time once the code is compiled.
        for (let i = 0; i < 200 / count; i++) for (let j = 0; j < 10; j++) await build(tree, 'prod', { signal })
        let text = ''
        const ours = await times(runs, async () => {
          text = (await build(tree, 'prod', { signal })).yaml()
        })
        let theirText = ''
        const theirs = await times(spawns, async () => {
          const options = { maxBuffer: 1 << 30, signal, timeout: 300_000 }
          theirText = (await exec('kubectl', ['kustomize', join(folder, 'prod')], options)).stdout
        })
        if (text !== theirText) throw new Error(`the two streams differ at ${count} objects`)
        note(`${count} objects: the same ${text.length} bytes`)
        figures.push({
          name: `${count} objects, median`,
          value: ours,
          unit: 'ms',
          against: { name: `kubectl kustomize ${theirs.toFixed(0)} ms`, ratio: theirs / ours },
        })
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    }
    return figures
  },
}

async function times(runs: number, work: () => Promise<void>): Promise<number> {
  const samples: number[] = []
  for (let i = 0; i < runs; i++) {
    const start = performance.now()
    await work()
    samples.push(performance.now() - start)
  }
  return percentile(samples, 0.5)
}

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

function overlay(count: number): Record<string, string> {
  const files: Record<string, string> = {
    'prod/kustomization.yaml': `resources: [../base]
namespace: prod
namePrefix: p-
labels: [{pairs: {env: prod}, includeSelectors: true}]
images: [{name: nginx, newTag: "2"}]
patches:
- target: {kind: Deployment}
  patch: '[{"op": "replace", "path": "/spec/replicas", "value": 3}]'
`,
  }
  const names = Array.from({ length: count }, (_, i) => `d${i}`)
  files['base/kustomization.yaml'] =
    `resources: [${names.map(name => `${name}.yaml`).join(', ')}]\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n`
  for (const name of names) {
    files[`base/${name}.yaml`] = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 1
  selector:
    matchLabels: {app: ${name}}
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      containers:
      - name: main
        image: nginx:1
        envFrom:
        - configMapRef: {name: settings}
        ports:
        - containerPort: 80
`
  }
  return files
}
