import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MetricsRegistry } from './registry.ts'

const line = (registry: MetricsRegistry, start: string) =>
  registry
    .text()
    .split('\n')
    .filter(one => one.startsWith(start))

describe('the registry', () => {
  test('prints histograms with buckets that add up', () => {
    const registry = new MetricsRegistry()
    const labels = { kind: 'Kustomization', name: 'a', namespace: 'b' }
    for (const seconds of [0.05, 0.5, 5, 50]) registry.observe('gotk_reconcile_duration_seconds', labels, seconds)
    const text = registry.text()
    expect(text).toContain('# TYPE gotk_reconcile_duration_seconds histogram\n')
    expect(text).toContain(
      'gotk_reconcile_duration_seconds_bucket{kind="Kustomization",name="a",namespace="b",le="1e-08"} 0\n',
    )
    expect(text).toContain(
      'gotk_reconcile_duration_seconds_bucket{kind="Kustomization",name="a",namespace="b",le="1"} 2\n',
    )
    expect(text).toContain(
      'gotk_reconcile_duration_seconds_bucket{kind="Kustomization",name="a",namespace="b",le="+Inf"} 4\n',
    )
    expect(text).toContain('gotk_reconcile_duration_seconds_count{kind="Kustomization",name="a",namespace="b"} 4\n')
    expect(text).toContain('gotk_reconcile_duration_seconds_sum{kind="Kustomization",name="a",namespace="b"} 55.55\n')
  })

  test('forgets an object that is gone', () => {
    const registry = new MetricsRegistry()
    registry.observe('gotk_reconcile_duration_seconds', { kind: 'K', name: 'a', namespace: 'n' }, 1)
    registry.observe('gotk_reconcile_duration_seconds', { kind: 'K', name: 'b', namespace: 'n' }, 1)
    registry.forget({ kind: 'K', name: 'a', namespace: 'n' })
    expect(line(registry, 'gotk_reconcile_duration_seconds_count')).toHaveLength(1)
  })

  test('keeps so many series of a metric and counts what it does not keep', () => {
    const registry = new MetricsRegistry()
    for (let i = 0; i < 6000; i++)
      registry.increment('controller_runtime_reconcile_errors_total', { controller: `c${i}` })
    expect(line(registry, 'controller_runtime_reconcile_errors_total')).toHaveLength(5000)
    expect(line(registry, 'sluice_metrics_dropped')).toEqual([
      'sluice_metrics_dropped_series_total{metric="controller_runtime_reconcile_errors_total"} 1000',
    ])
  })

  test('works out what is collected at each printing', () => {
    const registry = new MetricsRegistry()
    let value = 1
    const end = registry.collect(() => [
      { name: 'gotk_suspend_status', labels: { kind: 'K', name: 'n', namespace: 's' }, value },
    ])
    expect(line(registry, 'gotk_suspend_status')).toEqual(['gotk_suspend_status{kind="K",name="n",namespace="s"} 1'])
    value = 0
    expect(line(registry, 'gotk_suspend_status')[0]).toMatch(/ 0$/)
    end()
    expect(line(registry, 'gotk_suspend_status')).toEqual([])
  })

  test('no label value breaks the format', () => {
    const sample = /^[a-z_]+\{[a-z_]+="(?:[^"\\\n]|\\[\\n"])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\n"])*")*\} \S+$/
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.double(), (value, number) => {
        const registry = new MetricsRegistry()
        registry.set('workqueue_depth', { name: value, controller: value }, number)
        const lines = registry
          .text()
          .split('\n')
          .filter(one => one !== '' && !one.startsWith('#'))
        expect(lines).toHaveLength(1)
        expect(lines[0]).toMatch(sample)
      }),
    )
  })
})
