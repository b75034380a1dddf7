import { type ErrorCode, SluiceError } from '../base/errors/index.ts'
import { redact } from '../secrets/secret.ts'
import type { GitResult } from './process.ts'

/** git's or the server's words, and what they mean; the first match counts. */
const meanings: readonly (readonly [RegExp, ErrorCode])[] = [
  [/No space left on device|Disk quota exceeded/i, 'E_GIT_DISK_FULL'],
  [/\bSAML SSO\b|enabled or enforced SAML|single sign-on/i, 'E_GIT_SSO'],
  [/cannot lock ref 'refs\/sluice\/|Unable to create '[^']*\.lock'|shallow file has changed/i, 'E_GIT_MIRROR_BUSY'],
  // GitHub's push protection comes with the code of a branch rule, and holds for every branch.
  [/Push cannot contain secrets|GH009/i, 'E_GIT_PUSH_REJECTED'],
  [
    // GitHub, GitLab, Gitea, Azure DevOps, Bitbucket Data Center, Bitbucket Cloud.
    /protected branch|GH006|GH013|push declined due to repository rule|not allowed to (?:force )?push code to (?:a )?protected|TF402455|can only be modified through pull requests|Permission denied to update branch/i,
    'E_GIT_BRANCH_PROTECTED',
  ],
  [
    /\((?:fetch first|non-fast-forward|stale info|needs force|cannot lock ref|failed to update ref|incorrect old value provided)\)/i,
    'E_GIT_PUSH_CONFLICT',
  ],
  [/repository moved|returned error: 30[12378]/i, 'E_GIT_REDIRECTED'],
  [
    /Authentication failed|could not read (?:Username|Password)|returned error: 401|HTTP Basic: Access denied|Permission denied \((?:publickey|password|keyboard)|invalid credentials/i,
    'E_GIT_AUTHENTICATION',
  ],
  [
    /returned error: 403|Write access to (?:this )?repository not granted|Permission to \S+ denied|not allowed to push|Your account (?:is|has been) (?:suspended|blocked)|\[remote rejected\].*\(permission denied\)|was archived so it is read-only|is a deploy key|marked as read.only/i,
    'E_GIT_FORBIDDEN',
  ],
  [/Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|No .* host key is known/i, 'E_GIT_HOST_KEY'],
  [/Load key .*(?:invalid format|error in libcrypto|incorrect passphrase)/i, 'E_GIT_SSH_KEY'],
  [/cannot run ssh|ssh: not found|ssh: command not found/i, 'E_GIT_SSH_UNAVAILABLE'],
  [
    /SSL certificate|certificate (?:verify|verification) failed|certificate subject name|SSL_ERROR|TLS|gnutls_handshake|unable to get local issuer/i,
    'E_GIT_TLS',
  ],
  [
    /couldn't find remote ref|request for unadvertised object|no such remote ref|not our ref|no such ref was fetched/i,
    'E_GIT_REF_NOT_FOUND',
  ],
  [/returned error: (?:5\d\d|429)|Internal Server Error|Service Unavailable|HTTP (?:5\d\d|429)/i, 'E_GIT_SERVER_ERROR'],
  [
    /early EOF|unexpected disconnect|hung up unexpectedly|the remote end hung up|RPC failed|transfer closed|inflate:|pack has bad object|fetch-pack: invalid index-pack output|index-pack (?:failed|died)|pack is corrupted|SHA1 mismatch|sha1 mismatch|unpack-objects|fsck error|invalid index-pack|bad pack header|premature end of pack/i,
    'E_GIT_TRANSFER_BROKEN',
  ],
  [
    /repository '[^']*' not found|Repository not found|returned error: 404|does not appear to be a git repository|The project you were looking for could not be found|Project not found/i,
    'E_GIT_REPOSITORY_NOT_FOUND',
  ],
  [
    /not valid: is this a git repository|invalid server response|bad line length|expected service, got|protocol error: bad|unexpected content-type|invalid content-type/i,
    'E_GIT_NOT_A_GIT_SERVER',
  ],
  [
    /Could not resolve|Failed to connect|Connection refused|Connection timed out|Network is unreachable|No route to host|Connection reset|Operation too slow|Empty reply|Could not resolve hostname|Couldn't connect|Connection closed|Recv failure|Send failure|Temporary failure in name resolution/i,
    'E_GIT_UNREACHABLE',
  ],
  [
    /not a git repository|bad object|object file .* is empty|loose object .* is corrupt|unable to read tree|missing blob|missing tree|missing commit|broken link|Could not read [0-9a-f]{40}|packfile .* (?:cannot be accessed|does not match index|claims to have)|failed to traverse parents|index file corrupt|bad revision|bad config (?:line|file)|bad numeric config|unknown repository extension|Expected git repo version|bad shallow line|bad packed|unexpected line in .*packed-refs|unable to resolve HEAD/i,
    'E_GIT_MIRROR_DAMAGED',
  ],
  [/\[remote rejected\]|remote rejected|hook declined|pre-receive hook/i, 'E_GIT_PUSH_REJECTED'],
  [/\[rejected\]/i, 'E_GIT_PUSH_CONFLICT'],
]

/** A failed git process as an error that says what to do. `object` is the repository (and branch) it was about. */
export function gitFailure(result: GitResult, object: string): SluiceError {
  const text = `${result.stderr}\n${result.stdout.length < 16_384 ? result.stdout.toString('utf8') : ''}`
  const code = meanings.find(([pattern]) => pattern.test(text))?.[1] ?? 'E_GIT_FAILED'
  const next = nextStep(code, text)
  return new SluiceError(code, {
    object,
    seen: serverWords(text, result.exitCode),
    ...(next !== undefined && { next }),
  })
}

/** The lines that carry the message: the server's first, then git's; without progress and hints; bounded. */
function serverWords(text: string, exitCode: number): string {
  const lines = redact(text)
    .split(/[\r\n]+/)
    .map(line => line.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '').trim())
    .filter(
      line =>
        line !== '' &&
        !/^(?:hint:|To |Done$|remote: *$|remote: (?:Enumerating|Counting|Compressing|Total)|POST git-|Everything up-to-date)/.test(
          line,
        ),
    )
  const remote = lines.filter(line => line.startsWith('remote:')).map(line => line.slice(7).trim())
  const own = lines.filter(line => !line.startsWith('remote:') && !line.startsWith('error: failed to push'))
  const words = [...new Set([...remote, ...own])].join('; ')
  return words === '' ? `exit code ${exitCode}` : words.length > 600 ? `${words.slice(0, 600)}…` : words
}

function nextStep(code: ErrorCode, text: string): string | undefined {
  if (code === 'E_GIT_SSO') {
    const link = /https:\/\/\S+/.exec(text)?.[0].replace(/[).,;]+$/, '')
    if (link !== undefined) return `Open ${link} and authorize the token, then run the command again.`
  }
  if (code === 'E_GIT_TLS' && /unexpected TLS packet|wrong version number|packet length/i.test(text))
    return 'The server does not speak TLS at this port: check the port, or write http:// for a server on this machine.'
  if (code === 'E_GIT_TLS' && /(?:has |is )?expired|not yet valid/i.test(text))
    return 'Check the clock of this machine; if it is right, the host needs a new certificate.'
  if (code === 'E_GIT_BRANCH_PROTECTED' && wantsSignature(text))
    return 'Sign the commits with --signing-key, with a key that the Git host knows as yours.'
  return undefined
}

/** Whether the words of a refusal ask for signed commits and for nothing that a request would bring. */
export function wantsSignature(words: string): boolean {
  return /verified signatures|must be signed|not signed|unsigned/i.test(words) && !/(?:pull|merge) request/i.test(words)
}
