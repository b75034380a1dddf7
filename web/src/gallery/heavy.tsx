import { useState } from 'react'
import { LineChart, Sparkline } from '../chart/index.tsx'
import { CodeView, DiffView, YamlEditor } from '../code/index.tsx'
import { Markdown } from '../markdown/index.tsx'
import styles from './gallery.module.css'

const before = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  namespace: shop
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: web
          image: registry.acme.dev/shop:2.4.0
          env:
            - name: CACHE_MB
              value: "256" # raised after the incident
            - name: DATABASE_PASSWORD
              value: "***"
`
const after = before.replace('2.4.0', '2.4.1').replace('"256"', '"512"').replace('replicas: 3', 'replicas: 5')
const notes = [{ line: 7, severity: 'warning' as const, message: 'The guardrail of production asks for 3 at least.' }]
const start = Date.now() - 60 * 60_000
const times = Array.from({ length: 60 }, (_, i) => start + i * 60_000)
const wave = (i: number, size: number): number => Math.round(size + size * 0.3 * Math.sin(i / 6) + ((i * 37) % 11) * 6)

const readme = `# shop

A web service behind a **gateway**. See [the guide](https://example.com/guide), not [this](javascript:alert(1)).

- one replica in staging
- three in production

<script>alert('never')</script>

![pixel](https://tracker.example/pixel.png)

    helm install shop
`

export function Heavy() {
  const [text, setText] = useState(before)
  return (
    <div className={styles.stack}>
      <DiffView label="Deployment shop" before={before} after={after} names={['3f2a91c in Git', 'Proposed']} />
      <div className={styles.columns}>
        <YamlEditor label="Values of shop" value={text} onChange={setText} notes={notes} />
        <CodeView label="Manifest" text={before} />
      </div>
      <div className={styles.columns}>
        <LineChart
          label="From commit to live, last hour"
          times={times}
          series={[
            { name: 'p50', values: times.map((_, i) => wave(i, 180)) },
            { name: 'p99', values: times.map((_, i) => wave(i, 420)), tone: 'quiet' },
          ]}
          format={ms => `${ms} ms`}
        />
        <div>
          <Sparkline values={times.map((_, i) => wave(i, 180))} label="Latency over the last hour" />
          <Markdown text={readme} />
        </div>
      </div>
    </div>
  )
}
