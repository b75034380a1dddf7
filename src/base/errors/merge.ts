import { defineErrors } from './define.ts'

/** Errors of the merge area. */
export const mergeErrors = defineErrors({
  E_JSON_PATCH_MALFORMED: {
    title: 'the JSON patch is not a list of operations',
    cause: 'A JSON patch (RFC 6902) is a list of objects with `op` and `path`; this one is something else.',
    fix: 'Send a list such as [{"op": "replace", "path": "/spec/replicas", "value": 3}].',
    exit: 'input',
  },
  E_JSON_PATCH_TOO_LARGE: {
    title: 'the JSON patch is too large',
    cause: 'It has more operations, or copies more bytes, than Kubernetes allows.',
    fix: 'Split the patch, or replace the object as a whole.',
    exit: 'input',
  },
  E_JSON_PATCH_FAILED: {
    title: 'an operation of the JSON patch does not apply',
    cause: 'A path does not exist in the object, a `test` found another value, or the operation is unknown.',
    fix: 'Read the object again and make the patch for what it looks like now.',
    exit: 'input',
  },
  E_STRATEGIC_PATCH_INVALID: {
    title: 'the strategic merge patch does not apply',
    cause: 'A directive is malformed, an element lacks its merge key, or the patch contradicts its element order.',
    fix: 'Correct the patch at the place that is named; a JSON merge patch avoids directives altogether.',
    exit: 'input',
  },
  E_APPLY_INVALID: {
    title: 'the applied object does not fit its kind',
    cause: 'A field is not declared in the schema, has the wrong type, or a list repeats a key.',
    fix: 'Correct the field that is named. `kubectl explain` shows what the kind allows.',
    exit: 'input',
  },
  E_APPLY_REFUSED: {
    title: 'the object cannot be applied',
    cause: 'It has another API version or kind than the object it is applied to, or it carries managed fields.',
    fix: 'Apply the version and kind that the address names, without metadata.managedFields.',
    exit: 'input',
  },
})
