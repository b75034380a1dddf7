import { defineErrors } from './define.ts'

/** Encrypted files in Git, and the keys to them. */
export const sopsErrors = defineErrors({
  E_SOPS_FORMAT: {
    title: 'this is no file that SOPS encrypted, or it is damaged',
    cause: 'The file has no `sops` block, its block lacks a field, or a part of it was changed by hand.',
    fix: 'Take the file from the commit in which it was last sealed, or seal it again from the plain text.',
    exit: 'input',
  },
  E_SOPS_KEY: {
    title: 'no key at hand opens the encrypted file',
    cause: 'The file was sealed for other recipients than those whose keys were given.',
    fix: 'Give the key of one of the recipients that the message names, or have somebody who has one run `sluice secret rotate`.',
    exit: 'credentials',
  },
  E_SOPS_AGE_KEY: {
    title: 'this is no age key',
    cause: 'A recipient begins with `age1`, an identity with `AGE-SECRET-KEY-1`; both end in a checksum.',
    fix: 'Copy the key again as a whole, or make a new one with `sluice secret keygen`.',
    exit: 'input',
  },
  E_SOPS_MAC: {
    title: 'the encrypted file was changed after it was sealed',
    cause: 'The digest over all values does not fit: a value was added, removed, moved or replaced without the key.',
    fix: 'Take the file from the commit in which it was last sealed; change it with `sluice secret edit`.',
    exit: 'refused',
  },
  E_SOPS_VALUE: {
    title: 'a value of the encrypted file cannot be read',
    cause:
      'It was changed or moved to another key, or it stands in plain text where the rules of the file ask for a sealed one.',
    fix: 'Take the file from the commit in which it was last sealed; change it with `sluice secret edit`.',
    exit: 'input',
  },
  E_SOPS_UNSUPPORTED: {
    title: 'the encrypted file needs something that Sluice does not do',
    cause:
      'Keys of cloud providers and of Vault, shares of several key groups, INI files and rules by comment are not built in.',
    fix: 'Add an age recipient to the file (`sops rotate --add-age age1… --in-place FILE`), or let Flux decrypt it.',
    exit: 'input',
  },
  E_SOPS_RULE: {
    title: 'nothing says for whom to seal the file',
    cause: 'There is no `.sops.yaml` in the folder or above it, or none of its creation rules fits the path.',
    fix: 'Write a `.sops.yaml` with `creation_rules`, or give --age age1….',
    exit: 'input',
  },
  E_SOPS_GPG: {
    title: 'gpg could not open the file with its PGP key',
    cause: 'gpg is not installed, the key could not be imported, or it wants a passphrase.',
    fix: 'Install GnuPG where the engine runs and give a key without a passphrase, or add an age recipient to the file.',
    exit: 'failure',
  },
  E_SECRET_EDITOR: {
    title: 'the editor ended with an error',
    cause: 'The command in SOPS_EDITOR, VISUAL or EDITOR could not be started or failed; nothing was written.',
    fix: 'Set EDITOR to an editor that waits until the file is closed, e.g. `vim` or `code --wait`.',
    exit: 'failure',
  },
  E_SECRET_PLAIN: {
    title: 'a plain secret was about to be committed',
    cause:
      'The file holds a Secret with readable data, a token or a private key. What is in Git once cannot be taken back.',
    fix: 'Seal it with `sluice secret seal FILE`, or commit a reference instead (ExternalSecret, SealedSecret) or make the Secret in the cluster.',
    exit: 'refused',
  },
})
