import { metricDefinitions } from './catalogue.ts'

/** The reference page of the engine's metrics, made from their definitions. */
export function metricsPage(): string {
  const rows = metricDefinitions.map(({ name, type, labels, help }) => {
    const shown = labels.length === 0 ? '' : labels.map(label => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${shown} | ${help.replaceAll('|', '\\|')} |`
  })
  return [
    '# Metrics',
    '<!-- Made by `npm run docs` from src/engine/metrics/catalogue.ts: change it there. -->',
    [
      '`sluice engine --metrics-addr :8080` serves these on `/metrics`, in the text format of Prometheus. Names and labels are',
      "those of Flux's controllers, so that dashboards and alerts made for Flux read them; `sluice_*` is what Flux has no",
      'word for. `gotk_resource_info` is what the configuration of kube-state-metrics in the Flux documentation makes.',
    ].join('\n'),
    [
      'Each metric keeps 5000 time series at most. What is beyond is not kept, and counted in',
      '`sluice_metrics_dropped_series_total`. Series of an object go with the object. Label values are cut at 256 characters.',
      'Paths of webhooks are secrets and never a label.',
    ].join('\n'),
    ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n'),
    [
      '## Health',
      '',
      '`--health-addr :9440` serves `/healthz` (the process runs) and `/readyz` (the engine acts and knows the cluster, or waits',
      'for the lease of its shard; 503 while it starts or closes).',
    ].join('\n'),
  ]
    .join('\n\n')
    .concat('\n')
}
