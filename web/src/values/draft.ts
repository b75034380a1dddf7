import { useMemo } from 'react'
import { type Mark, mapPath, markAt, over, patchFor } from './layers.ts'
import { type Path, type Values, valueAt, withAt } from './tree.ts'
import { editText, type ReadValues, readValues } from './values-text.ts'

/** One layer of values while it is edited: a text, which is what goes to Git, and what it comes to over what is below. */
export interface Draft {
  readonly text: string
  readonly read: ReadValues
  readonly below: Values
  /** What the layer says; of the last readable text while it is not. */
  readonly layer: Values
  readonly result: Values
  markAt(path: Path): Mark
  /** Sets a value; where it is what is below anyway, the layer says nothing, and what is below flows in. */
  set(path: Path, value: unknown): void
  /** Takes a value away: out of the layer where only that has it, by a null where what is below has it. */
  remove(path: Path): void
  /** Says nothing there any more. */
  back(path: Path): void
  /** Whole text, as it was typed. */
  type(text: string): void
}

export function useDraft(text: string, below: Values, onText: (text: string) => void): Draft {
  return useMemo(() => draftOf(text, below, onText), [text, below, onText])
}

export function draftOf(text: string, below: Values, onText: (text: string) => void): Draft {
  const read = readValues(text)
  const layer = read.values ?? {}
  const result = over(below, layer) as Values
  const say = (path: Path, wanted: unknown): void => {
    const patch = patchFor(valueAt(below, path), wanted)
    onText(editText(text, path, patch))
  }
  return {
    text,
    read,
    below,
    layer,
    result,
    markAt: path => markAt(layer, path),
    set(path, value) {
      const whole = mapPath(result, path)
      say(whole, valueAt(withAt(result, path, value), whole))
    },
    remove(path) {
      if (valueAt(below, path) === undefined) onText(editText(text, path, undefined))
      else onText(editText(text, path, null))
    },
    back: path => onText(editText(text, mapPath(layer, path), undefined)),
    type: onText,
  }
}
