import { isObject } from '../../../base/json.ts'
import { selectorText } from '../tables/column.ts'
import { type LabelMatcher, parseLabelSelector } from './label-selector.ts'

/** What a `metav1.LabelSelector` takes in: everything when it is empty, nothing when it is absent. */
export function objectSelector(selector: unknown): LabelMatcher {
  if (!isObject(selector)) return () => false
  const text = selectorText(selector)
  return (text === '' || text === '<none>' ? undefined : parseLabelSelector(text)) ?? (() => true)
}
