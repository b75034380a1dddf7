import { defineErrors } from './define.ts'

/** Errors of the connections of a server to Git hosts, and of the gate that they open. */
export const connectionErrors = defineErrors({
  E_CONNECTION_INVALID: {
    title: 'the connection cannot be right',
    cause: 'A field is empty, too long, or of the wrong form. No host was asked.',
    fix: 'Mend the fields that are named.',
    exit: 'input',
  },
  E_CONNECTION_CREDENTIAL: {
    title: 'the connection has no credential',
    cause: 'None was given, or the host changed: a credential never follows an edit to another host.',
    fix: 'Give the token or key for this host.',
    exit: 'credentials',
  },
  E_CONNECTION_EXISTS: {
    title: 'there is a connection of this name',
    cause: 'Names of connections differ in more than upper and lower case.',
    fix: 'Choose another name.',
    exit: 'refused',
  },
  E_CONNECTION_NOT_FOUND: {
    title: 'there is no such connection',
    cause: 'It was removed, or the address is an old one.',
    fix: 'See Global configuration › GitOps for those that there are.',
    exit: 'input',
  },
  E_CONNECTION_CHANGED: {
    title: 'somebody else changed the connection meanwhile',
    cause: 'It is not the version that the change was made from.',
    fix: 'Look at it again, and make the change again.',
    exit: 'refused',
    retryable: true,
  },
  E_CONNECTION_IN_USE: {
    title: 'the connection is in use',
    cause: 'It is the one that everything uses that no other is bound to.',
    fix: 'Make another connection the default first.',
    exit: 'refused',
  },
  E_CONNECTION_NOT_PROVEN: {
    title: 'the connection is not proven',
    cause: 'What is saved was not validated as it is, or a check failed.',
    fix: 'Validate it, or save it without proof: then nothing deploys with it until it is proven.',
    exit: 'refused',
  },
  E_GATE_CLOSED: {
    title: 'nothing can be deployed yet',
    cause: 'There is no connection to a Git host that is proven, so there is nowhere to commit to.',
    fix: 'Connect a Git host under Global configuration › GitOps, and validate it.',
    exit: 'refused',
  },
})
