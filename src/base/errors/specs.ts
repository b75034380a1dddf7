import { defineErrors } from './define.ts'

/** Errors of the specs area: cluster specs as files. */
export const specsErrors = defineErrors({
  E_SPEC_INVALID: {
    title: 'the cluster spec cannot be used',
    cause: 'A file, an object or a field in it breaks a rule. All problems are reported at once.',
    fix: 'Correct each field that is listed, at the line that is given, and run the command again.',
    exit: 'input',
  },
  E_SPEC_SECRET: {
    title: 'the cluster spec holds a secret, which cannot be written to Git',
    cause: 'A field such as licenseToken, a Secret object, or a text that has the form of a token or private key.',
    fix: 'Take the secret out of the file; give it to the cluster as a Secret that is not kept in Git, or encrypted.',
    exit: 'refused',
  },
})
