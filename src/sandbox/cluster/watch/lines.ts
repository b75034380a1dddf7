import type { KubeObject } from '../../../kube/object.ts'
import { objectText, partialText } from '../http/present.ts'
import { columnDefinitions, type IncludeObject, table, tableRow } from '../http/table.ts'
import type { ServedKind } from '../kinds/registry.ts'
import type { ChangeEvent } from '../store/history.ts'
import type { StoredRecord } from '../store/record.ts'

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** The form in which one watcher wants its events. */
export interface LineForm {
  readonly kind: ServedKind
  readonly as: 'object' | 'table' | 'partial'
  readonly include: IncludeObject
  now(): Date
}

/**
 * The line of an event as bytes. Lines of changes are kept with the change, so that many watchers of one form cost one
 * serialization.
 */
export function changeLine(form: LineForm, type: EventType, event: ChangeEvent, withColumns: boolean): Buffer {
  // An object that a selector no longer takes in is shown as it was, with the version of the change that moved it out.
  const left = type === 'DELETED' && event.type !== 'DELETED'
  if (form.as === 'table')
    return recordLine(form, type, left ? lastSeen(event) : event.record.object, event.record, withColumns)
  const key = `${type} ${form.as} ${form.kind.apiVersion}`
  event.lines ??= new Map()
  let line = event.lines.get(key)
  if (!line) {
    line = left
      ? textLine(form, type, JSON.stringify(lastSeen(event)))
      : recordLine(form, type, undefined, event.record, withColumns)
    event.lines.set(key, line)
  }
  return line
}

/** The line of an object that was there before the watch began. */
export function initialLine(form: LineForm, record: StoredRecord, withColumns: boolean): Buffer {
  return recordLine(form, 'ADDED', undefined, record, withColumns)
}

/** A bookmark: only a version, and the mark that ends the initial events. */
export function bookmarkLine(form: LineForm, version: number, endsInitial: boolean): Buffer {
  const metadata: Record<string, unknown> = { resourceVersion: String(version) }
  if (endsInitial) metadata['annotations'] = { 'k8s.io/initial-events-end': 'true' }
  const { definition, apiVersion } = form.kind
  let object: unknown = { kind: definition.kind, apiVersion, metadata }
  if (form.as === 'partial') object = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
  if (form.as === 'table') {
    const row = { cells: [], object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata } }
    object = table(null, [row], { resourceVersion: String(version) })
  }
  return Buffer.from(`{"type":"BOOKMARK","object":${JSON.stringify(object)}}\n`)
}

/** An error that ends the watch: a Status in an event. */
export function errorLine(status: unknown): Buffer {
  return Buffer.from(`{"type":"ERROR","object":${JSON.stringify(status)}}\n`)
}

function lastSeen(event: ChangeEvent): KubeObject {
  const old = event.previous!.object
  return { ...old, metadata: { ...old.metadata, resourceVersion: String(event.version) } }
}

function recordLine(
  form: LineForm,
  type: EventType,
  object: KubeObject | undefined,
  record: StoredRecord,
  withColumns: boolean,
): Buffer {
  if (form.as === 'object') return textLine(form, type, record.json)
  const shown = object ?? record.object
  if (form.as === 'partial') return Buffer.from(`{"type":"${type}","object":${partialText(shown)}}\n`)
  const row = tableRow(form.kind, shown, form.include, form.now())
  const columns = withColumns ? columnDefinitions(form.kind) : null
  const whole = table(columns, [row], { resourceVersion: shown.metadata.resourceVersion })
  return Buffer.from(`{"type":"${type}","object":${JSON.stringify(whole)}}\n`)
}

function textLine(form: LineForm, type: EventType, json: string): Buffer {
  return Buffer.from(
    `{"type":"${type}","object":${form.as === 'partial' ? partialText(JSON.parse(json)) : objectText(form.kind, json)}}\n`,
  )
}
