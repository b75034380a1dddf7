import { join } from 'node:path'
import type { Tool } from './tool.ts'

/** What a chart is made of. */
export interface Chart {
  readonly configMap?: boolean
  readonly deployment?: boolean
  readonly job?: boolean
  /** ConfigMaps that are made at these points. */
  readonly hooks?: readonly string[]
  /** Jobs that run at these points. */
  readonly jobHooks?: readonly string[]
  readonly test?: boolean
  /** Text of a file in `crds/`. */
  readonly crd?: string
  /** A further template. */
  readonly extra?: string
}

const labels = 'labels: {app.kubernetes.io/instance: "{{ .Release.Name }}"}'

const configMap = `
apiVersion: v1
kind: ConfigMap
metadata:
  name: "{{ .Release.Name }}"
  labels: {app.kubernetes.io/instance: "{{ .Release.Name }}", team: "{{ .Values.team }}"}
data:
  value: "{{ .Values.value }}"
  server: "{{ .Capabilities.KubeVersion.Version }}"
`

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: "{{ .Release.Name }}"
  ${labels}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: "{{ .Release.Name }}"}}
  template:
    metadata: {labels: {app: "{{ .Release.Name }}"}}
    spec:
      containers: [{name: web, image: "web:1"}]
`

const pod = 'restartPolicy: Never\n      containers: [{name: work, image: "work:1"}]'

const job = (name: string, annotations = '') => `
apiVersion: batch/v1
kind: Job
metadata:
  name: "{{ .Release.Name }}-${name}"
  annotations: {${annotations}}
spec:
  template:
    spec:
      ${pod}
`

const hookMap = (hook: string) => `
apiVersion: v1
kind: ConfigMap
metadata:
  name: "{{ .Release.Name }}-${hook}"
  annotations: {helm.sh/hook: ${hook}, helm.sh/hook-weight: "1"}
`

const test = `
apiVersion: v1
kind: Pod
metadata:
  name: "{{ .Release.Name }}-test"
  annotations: {helm.sh/hook: test}
spec:
  restartPolicy: Never
  containers: [{name: test, image: "test:1"}]
`

/** Writes a chart into the tool's folder; gives its path. */
export function writeChart(tool: Tool, name: string, parts: Chart): string {
  const folder = join('charts', name)
  const chart = tool.file(join(folder, 'Chart.yaml'), `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n`)
  tool.file(join(folder, 'values.yaml'), 'value: one\nteam: a\nreplicas: 1\n')
  const template = (file: string, text: string) => tool.file(join(folder, 'templates', file), text)
  if (parts.configMap) template('config-map.yaml', configMap)
  if (parts.deployment) template('deployment.yaml', deployment)
  if (parts.job) template('job.yaml', job('work'))
  for (const hook of parts.hooks ?? []) template(`${hook}.yaml`, hookMap(hook))
  for (const hook of parts.jobHooks ?? []) template(`job-${hook}.yaml`, job(hook, `helm.sh/hook: ${hook}`))
  if (parts.test) template('test.yaml', test)
  if (parts.extra) template('extra.yaml', parts.extra)
  if (parts.crd) tool.file(join(folder, 'crds', 'crd.yaml'), parts.crd)
  return join(chart, '..')
}
