import { defineErrors } from './define.ts'

/** Errors of the credentials area: the sealed store, host keys, deploy keys, rotation. */
export const credentialErrors = defineErrors({
  E_STORE_KEY: {
    title: 'the key of the sealed store cannot be used',
    cause: 'The key file is missing although the store holds values, is damaged, or others may read it.',
    fix: 'Restore the key file from your copy, or name it with SLUICE_KEY_FILE. Without it the values are lost: add them anew.',
    exit: 'credentials',
  },
  E_STORE_WRONG_KEY: {
    title: 'the sealed store was sealed with another key',
    cause: 'The key file is not the one that the store was last written with.',
    fix: 'Name the right key file with SLUICE_KEY_FILE or --key-file.',
    exit: 'credentials',
  },
  E_STORE_DAMAGED: {
    title: 'the sealed store was changed or damaged',
    cause: 'A value, or what stands beside it (host, kind, owner), is not what was sealed.',
    fix: 'Restore the file of the store from a copy, or remove the entry and add it anew.',
    exit: 'failure',
  },
  E_STORE_BUSY: {
    title: 'another process is writing to the sealed store',
    cause: 'A command that changes the store runs at the same time.',
    fix: 'Run the command again in a moment.',
    exit: 'refused',
    retryable: true,
  },
  E_CREDENTIAL_UNKNOWN: {
    title: 'there is no such credential in the store',
    cause: 'The name is misspelt, or the credential was never added.',
    fix: 'See `sluice credential list` for the names.',
    exit: 'input',
  },
  E_CREDENTIAL_EXISTS: {
    title: 'there is a credential of this name already',
    cause: 'Adding never overwrites: another part of Sluice may use the one that is there.',
    fix: 'Choose another name, remove the old one first, or replace it everywhere with `sluice token rotate`.',
    exit: 'refused',
  },
  E_CREDENTIAL_INVALID: {
    title: 'this cannot be kept as a credential',
    cause: 'The name, the host or the value breaks a rule.',
    fix: 'Correct what the message names.',
    exit: 'input',
  },
  E_CREDENTIAL_HOST: {
    title: 'the credential is for another host',
    cause: 'A credential is bound to the host and port that it was given for, and is sent nowhere else.',
    fix: 'Give the credential of this host, or correct the host.',
    exit: 'credentials',
  },
  E_HOST_KEY_UNKNOWN: {
    title: 'the SSH host key of this server was never confirmed',
    cause: 'No known_hosts line is there for the host and port, and nobody was asked.',
    fix: 'Compare the fingerprint with the one that the host publishes, then give it with --accept-host-key SHA256:….',
    exit: 'credentials',
  },
  E_HOST_KEY_CHANGED: {
    title: 'THE SSH HOST KEY OF THIS SERVER HAS CHANGED',
    cause: 'The server shows another key than the confirmed one: it was set up anew, or somebody stands between.',
    fix: 'Ask the people who run the server. Only if they changed the key: `sluice credential trust HOST --replace`.',
    exit: 'refused',
  },
  E_HOST_KEY_SCAN: {
    title: 'the SSH host key cannot be read from the server',
    cause: 'The server cannot be reached, is no SSH server, or ssh-keyscan is not installed.',
    fix: 'Check host and port; or give the lines of known_hosts in a file (EKSA_GIT_KNOWN_HOSTS).',
    exit: 'unreachable',
    retryable: true,
  },
  E_ROTATE_NOT_PROVEN: {
    title: 'the new credential cannot take the place of the old one',
    cause: 'It belongs to somebody else, lacks a right, or the host refuses it. Nothing was replaced.',
    fix: 'Make a credential with the rights that the message names, then run the command again.',
    exit: 'credentials',
  },
  E_ROTATE_NOTHING: {
    title: 'nothing uses the old credential',
    cause: 'Neither the store, nor the named env file, nor a Secret of the cluster holds it.',
    fix: 'Name the old one with --old-token-file, or check that the kubeconfig is the right one.',
    exit: 'input',
  },
  E_ROTATE_NOT_READY: {
    title: 'the credential was replaced, but a source is not Ready with it',
    cause: 'The engine could not fetch with the new credential, did not try in time, or does not run.',
    fix: 'See `sluice get sources`. The old credential still works: the same command goes on where it was.',
    exit: 'unreachable',
    retryable: true,
  },
})
