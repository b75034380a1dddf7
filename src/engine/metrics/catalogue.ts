/** What a metric is. */
export interface MetricDefinition {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[]
}

/** fluxcd/pkg runtime/metrics. */
const reconcileBuckets = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10]
/** controller-runtime's workqueue metrics. */
const queueBuckets = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000]
/** controller-runtime's reconcile times. */
const controllerBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
/** Prometheus' defaults, which Flux's HTTP servers use. */
const httpBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const object = ['kind', 'name', 'namespace'] as const
const queue = ['name', 'controller'] as const
const http = ['service', 'handler', 'method', 'code'] as const

function counter(name: string, labels: readonly string[], help: string): MetricDefinition {
  return { name, type: 'counter', help, labels }
}

function gauge(name: string, labels: readonly string[], help: string): MetricDefinition {
  return { name, type: 'gauge', help, labels }
}

function histogram(
  name: string,
  labels: readonly string[],
  buckets: readonly number[],
  help: string,
): MetricDefinition {
  return { name, type: 'histogram', help, labels, buckets }
}

/** Every metric of the engine, by the names of Flux's controllers where they have one. */
export const metricDefinitions: readonly MetricDefinition[] = [
  histogram(
    'gotk_reconcile_duration_seconds',
    object,
    reconcileBuckets,
    'The duration in seconds of a GitOps Toolkit resource reconciliation.',
  ),
  gauge(
    'gotk_reconcile_condition',
    [...object, 'type', 'status'],
    'The current condition status of a GitOps Toolkit resource reconciliation.',
  ),
  gauge('gotk_suspend_status', object, 'The current suspend status of a GitOps Toolkit resource.'),
  gauge(
    'gotk_resource_info',
    [
      'customresource_group',
      'customresource_kind',
      'customresource_version',
      'exported_namespace',
      'name',
      'ready',
      'suspended',
      'revision',
      'source_name',
      'url',
      'endpoint',
      'bucket_name',
      'chart_name',
      'chart_version',
      'chart_app_version',
      'chart_ref_name',
      'chart_source_name',
    ],
    'The current state of a Flux resource.',
  ),
  histogram(
    'gotk_event_http_request_duration_seconds',
    http,
    httpBuckets,
    'The latency of the HTTP requests to the event endpoint.',
  ),
  gauge('gotk_event_http_requests_inflight', ['service', 'handler'], 'The number of event requests being handled now.'),
  histogram(
    'gotk_receiver_http_request_duration_seconds',
    http,
    httpBuckets,
    'The latency of the HTTP requests to webhooks.',
  ),
  gauge(
    'gotk_receiver_http_requests_inflight',
    ['service', 'handler'],
    'The number of webhook requests being handled now.',
  ),
  counter(
    'controller_runtime_reconcile_total',
    ['controller', 'result'],
    'Total number of reconciliations per controller.',
  ),
  counter(
    'controller_runtime_reconcile_errors_total',
    ['controller'],
    'Total number of reconciliation errors per controller.',
  ),
  histogram(
    'controller_runtime_reconcile_time_seconds',
    ['controller'],
    controllerBuckets,
    'Length of time per reconciliation per controller.',
  ),
  gauge('controller_runtime_active_workers', ['controller'], 'Number of currently used workers per controller.'),
  gauge(
    'controller_runtime_max_concurrent_reconciles',
    ['controller'],
    'Maximum number of concurrent reconciles per controller.',
  ),
  gauge('workqueue_depth', queue, 'Current depth of workqueue.'),
  counter('workqueue_adds_total', queue, 'Total number of adds handled by workqueue.'),
  counter('workqueue_retries_total', queue, 'Total number of retries handled by workqueue.'),
  histogram(
    'workqueue_queue_duration_seconds',
    queue,
    queueBuckets,
    'How long in seconds an item stays in workqueue before being requested.',
  ),
  histogram(
    'workqueue_work_duration_seconds',
    queue,
    queueBuckets,
    'How long in seconds processing an item from workqueue takes.',
  ),
  counter(
    'rest_client_requests_total',
    ['code', 'host', 'method'],
    'Number of HTTP requests, partitioned by status code, method, and host.',
  ),
  gauge(
    'leader_election_master_status',
    ['name'],
    'Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master.',
  ),
  counter(
    'sluice_notifications_total',
    ['type', 'result'],
    'Notifications by type of provider and what became of them.',
  ),
  counter('sluice_engine_helm_runs_total', ['action'], 'Runs of the helm program, by action.'),
  counter('sluice_webhook_requests_total', ['kind'], 'Reconciles that webhooks asked for, by kind.'),
  counter(
    'sluice_metrics_dropped_series_total',
    ['metric'],
    'Time series that were not kept because a metric has too many.',
  ),
  counter('process_cpu_seconds_total', [], 'Total user and system CPU time spent in seconds.'),
  gauge('process_resident_memory_bytes', [], 'Resident memory size in bytes.'),
  gauge('process_start_time_seconds', [], 'Start time of the process since unix epoch in seconds.'),
  gauge('nodejs_heap_size_used_bytes', [], 'Process heap size used from Node.js in bytes.'),
]
