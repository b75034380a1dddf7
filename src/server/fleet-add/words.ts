import { onPage as onForm } from '../routes/connections/tell.ts'

/** What to do, in the words of a page with switches and a button: the command line has options for the same. */
export function onPage(text: string): string {
  return onForm(text)
    .replace(/To add the fleet to it: sluice bootstrap --adopt\./, 'To add the fleet to it, allow it below.')
    .replace('Look at what would be added with --dry-run; then run the command again with --adopt.', 'Allow it below.')
    .replace('Run the command again with --adopt:', 'Allow it below:')
    .replace('run the command again with --set-counts', 'allow the new counts below')
    .replace(/,? ?--dry-run shows what is added/, ' the plan shows what is added')
    .replace(/run the (same )?command again/gi, 'make the plan again')
    .replace('The same command goes on waiting', '"Go on" waits')
    .replace(/use --token-auth:/, 'choose the token below:')
    .replace(/\bUse --token-auth, and/, 'Choose the token below, and')
    .replace(/; or name the SSH server with --ssh-hostname/, '')
}
