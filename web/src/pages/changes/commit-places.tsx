import type { ChangePreview } from '../../../../src/server/contract/change-preview.ts'
import styles from './changes.module.css'

const countWords = (count: number): string => (count === 1 ? 'One file' : `${count} files`)

/** What the button says that makes more than one commit; undefined where one is made. */
export const commitWords = (commits: ChangePreview['commits']): string | undefined =>
  commits?.some(one => one.makes)
    ? 'Make and commit'
    : commits !== undefined && commits.length > 1
      ? 'Commit to both'
      : undefined

/** Where a change is committed to, and by whom: where an application has a repository of its own, commit by commit in their order. */
export function CommitPlaces({ preview }: { preview: ChangePreview }) {
  const { author, commits = [], files, notes = [], repository } = preview
  const by = (
    <>
      by {author.name} &lt;{author.email}&gt;
    </>
  )
  return (
    <>
      {commits.length === 0 ? (
        <p className={styles.by}>
          {countWords(files.length)} in {repository.url}, branch <code>{repository.branch}</code>, {by}
        </p>
      ) : (
        <>
          <ol className={styles.places} aria-label="Commits in their order">
            {commits.map(one => (
              <li key={one.repository}>
                <span>
                  {one.makes && 'Made first: '}
                  <b>{one.repository}</b>, branch <code>{one.branch}</code>
                </span>
                <span className={styles.by}>
                  {countWords(one.files.length)}: {one.message.split('\n', 1)[0]}
                </span>
              </li>
            ))}
          </ol>
          <p className={styles.by}>
            {commits.length > 1 &&
              'One after the other; what is left undone between them is finished by the same change. '}
            {commits.length > 1 ? 'Both ' : ''}
            {by}
          </p>
        </>
      )}
      {notes.map(note => (
        <p key={note} className={styles.note}>
          {note}
        </p>
      ))}
    </>
  )
}
