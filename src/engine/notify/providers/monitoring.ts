import type { FluxEvent } from '../event.ts'
import { describe } from './git-address.ts'
import { addressOf, basic, bearer, derived, metadataOf, objectTitle, tokenOf, urlOf } from './parts.ts'
import type { Deliver } from './types.ts'

/** Prometheus Alertmanager: one firing alert. */
export const alertmanager: Deliver = async (event, provider, send) => {
  const { summary, ...metadata } = event.metadata ?? {}
  const { kind, name, namespace } = event.involvedObject
  const labels = {
    ...metadata,
    alertname: `Flux${kind}${titleCase(event.reason)}`,
    severity: event.severity,
    reason: event.reason,
    kind,
    name,
    namespace,
    reportingcontroller: event.reportingController,
  }
  const annotations = { message: event.message, ...(summary === undefined ? {} : { summary }) }
  await send({
    url: addressOf(provider, 'Alertmanager'),
    headers: { ...bearer(provider.token), ...basic(provider.username, provider.password) },
    body: [{ status: 'firing', labels, annotations, startsAt: event.timestamp }],
  })
}

/** Grafana: an annotation in Graphite's form. */
export const grafana: Deliver = async (event, provider, send) => {
  const { kind, name, namespace } = event.involvedObject
  const plain = (text: string) => text.replaceAll(':', '|')
  const tags = [
    'flux',
    event.reportingController,
    ...metadataOf(event).map(([key, value]) => `${plain(key)}: ${plain(value)}`),
    `kind: ${kind}`,
    `name: ${name}`,
    `namespace: ${namespace}`,
  ]
  const login = bearer(provider.token)
  await send({
    url: addressOf(provider, 'Grafana'),
    headers: login['authorization'] === undefined ? basic(provider.username, provider.password) : login,
    body: { when: secondsOf(event), text: objectTitle(event), tags },
  })
}

export const opsgenie: Deliver = async (event, provider, send) => {
  const { kind, name } = event.involvedObject
  await send({
    url: addressOf(provider, 'Opsgenie hook'),
    headers: { authorization: derived(tokenOf(provider, 'Opsgenie apikey/token'), text => `GenieKey ${text}`) },
    body: {
      message: `${kind}/${name}`,
      description: event.message,
      details: { ...event.metadata, severity: event.severity },
    },
  })
}

/** PagerDuty: opens an incident for an error and resolves it otherwise; what is no error is a change as well. */
export const pagerDuty: Deliver = async (event, provider, send) => {
  if (event.reason === 'Progressing') return
  const { origin } = urlOf(addressOf(provider, 'PagerDuty endpoint'), 'PagerDuty endpoint')
  const { name, description } = describe(event)
  const summary = `${description}: ${name}`
  const source = `Flux ${event.reportingController}`
  const details = { message: event.message, metadata: event.metadata ?? null }
  const failed = event.severity === 'error'
  const { kind, name: component, uid = '' } = event.involvedObject
  const routing = { routing_key: provider.channel }
  const payload = {
    summary,
    source,
    severity: 'error',
    timestamp: event.timestamp,
    component,
    group: kind,
    custom_details: details,
  }
  await send({
    url: `${origin}/v2/enqueue`,
    body: { ...routing, event_action: failed ? 'trigger' : 'resolve', dedup_key: uid, ...(failed ? { payload } : {}) },
  })
  if (failed) return
  const change = { summary, source, timestamp: event.timestamp, custom_details: details }
  await send({ url: `${origin}/v2/change/enqueue`, body: { ...routing, payload: change } })
}

export const datadog: Deliver = async (event, provider, send) => {
  const { origin } = urlOf(addressOf(provider, 'DataDog'), 'DataDog')
  const { kind, name, namespace } = event.involvedObject
  const tags = [
    `flux_reporting_controller:${event.reportingController}`,
    `flux_reason:${event.reason}`,
    `kube_kind:${kind}`,
    `kube_name:${name}`,
    `kube_namespace:${namespace}`,
    ...metadataOf(event).map(([key, value]) => `${key}:${value}`),
  ].map(tag => tag.toLowerCase())
  await send({
    url: `${origin}/api/v1/events`,
    headers: { 'dd-api-key': tokenOf(provider, 'token') },
    body: {
      title: `Events from the ${kind} ${name}/${namespace}`,
      text: event.message,
      tags,
      source_type_name: 'fluxcd',
      date_happened: secondsOf(event),
      alert_type: event.severity === 'error' ? 'error' : 'info',
    },
  })
}

/** incident.io: an error fires an alert of the object, anything else resolves it. */
export const incidentIo: Deliver = async (event, provider, send) => {
  if (event.reason === 'Progressing') return
  const token = tokenOf(provider, 'incident.io API token')
  await send({
    url: addressOf(provider, 'incident.io alert source'),
    headers: bearer(token),
    body: {
      title: `${objectTitle(event)}: ${event.reason}`,
      status: event.severity === 'error' ? 'firing' : 'resolved',
      deduplication_key: event.involvedObject.uid ?? '',
      description: event.message,
      metadata: {
        ...event.metadata,
        severity: event.severity,
        reason: event.reason,
        reportingController: event.reportingController,
      },
    },
  })
}

function secondsOf(event: FluxEvent): number {
  return Math.floor(Date.parse(event.timestamp) / 1000)
}

/** Go's `cases.Title`: the first letter is a capital, all others are small. */
function titleCase(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase()
}
