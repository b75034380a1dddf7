import { useQuery } from '@tanstack/react-query'
import { GitCommitHorizontal, GitPullRequestArrow } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { ChangePreview } from '../../../../src/server/contract/change-preview.ts'
import type { Job } from '../../../../src/server/contract/live.ts'
import type { RenderedPreview } from '../../../../src/server/contract/manifest-diff.ts'
import { api } from '../../data/api.ts'
import type { ApiError } from '../../data/api-error.ts'
import { useChange } from '../../data/resource.ts'
import { Drawer } from '../../frame/drawer.tsx'
import { GateNotice } from '../../gate/gate-notice.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { TextInput } from '../../ui/inputs.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import styles from './changes.module.css'
import { CommitPlaces, commitWords } from './commit-places.tsx'
import { FollowChange } from './follow-change.tsx'
import { PreviewView } from './preview-view.tsx'

export interface ReviewChangeProps {
  /** Where its routes are: `/applications` (`…/changes/preview`, `…/changes`). */
  readonly routes: '/applications' | '/charts' | '/environments'
  readonly change: object
  readonly title: string
  /** Has to be typed first: for what takes something away. */
  readonly typed?: string | undefined
  readonly onClose: () => void
  /** The job ran to its end without failing, and the person goes on. */
  readonly onDone?: (() => void) | undefined
  readonly doneWords?: string
}

// Previews hold nothing secret, but what they are asked with may: the key is a number, never the change itself.
let count = 0

/** The commit before it is made: files, values, objects; then the one button that makes it, and what comes of it. */
export function ReviewChange({ routes, change, title, typed, onClose, onDone, doneWords }: ReviewChangeProps) {
  const [job, setJob] = useState<string>()
  const [text, setText] = useState('')
  const [subject, setSubject] = useState<string>()
  const body = useMemo(() => ({ id: ++count, change }), [change])
  const preview = useQuery<ChangePreview, ApiError>({
    queryKey: ['preview', body.id],
    queryFn: ({ signal }) =>
      api(`${routes}/changes/preview`, { method: 'POST', body: { change: body.change }, signal }),
    gcTime: 0,
    retry: false,
  })
  const data = preview.data
  const renders = routes === '/applications'
  const rendered = useQuery<RenderedPreview, ApiError>({
    queryKey: ['rendered', body.id],
    queryFn: ({ signal }) =>
      api(`${routes}/changes/rendered`, { method: 'POST', body: { change: body.change }, signal }),
    enabled: renders && data !== undefined && data.files.length > 0,
    gcTime: 0,
    retry: false,
  })
  const apply = useChange<Job, boolean>(
    request => ({
      path: `${routes}/changes`,
      body: {
        change,
        tip: data!.tip,
        ...(renders ? { request, ...(subject?.trim() ? { subject: subject.trim() } : {}) } : {}),
      },
    }),
    { onDone: started => setJob(started.id) },
  )
  if (job !== undefined) {
    return (
      // Another drawer: the button that had the focus is gone, and the heading takes it.
      <Drawer key="follow" title={title} wide onClose={onClose}>
        <FollowChange job={job} onDone={onDone} doneWords={doneWords} />
      </Drawer>
    )
  }
  const problems = data?.environments.some(one => one.problems.length > 0) === true
  const blocked =
    data === undefined ||
    data.files.length === 0 ||
    !data.gate.open ||
    problems ||
    (typed !== undefined && text !== typed)
  const branch = data?.repository.branch ?? 'main'
  const byReview = data?.review !== undefined
  const firstLine = data?.message.split('\n', 1)[0] ?? ''
  return (
    <Drawer
      title={title}
      wide
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {renders && !byReview && (
            <Button
              icon={GitPullRequestArrow}
              disabled={blocked}
              busy={apply.isPending && apply.variables}
              onClick={() => apply.mutate(true)}
            >
              Open pull request
            </Button>
          )}
          <Button
            kind={typed === undefined ? 'primary' : 'danger'}
            icon={byReview ? GitPullRequestArrow : GitCommitHorizontal}
            disabled={blocked}
            busy={apply.isPending && !apply.variables}
            onClick={() => apply.mutate(false)}
          >
            {byReview ? 'Open pull request' : (commitWords(data?.commits) ?? `Commit to ${branch}`)}
          </Button>
        </>
      }
    >
      <div className={styles.review}>
        {preview.error !== null && <ErrorPanel error={preview.error} onRetry={() => void preview.refetch()} />}
        {data === undefined && preview.error === null && <TextSkeleton lines={8} label="Working out the commit" />}
        {data !== undefined && (
          <>
            <GateNotice gate={data.gate} />
            {data.files.length === 0 ? (
              <p className={styles.note} role="status">
                Git says this already: there is nothing to commit.
              </p>
            ) : (
              <>
                <section className={styles.commit} aria-label="The commit">
                  {byReview ? (
                    <GitPullRequestArrow size={16} aria-hidden />
                  ) : (
                    <GitCommitHorizontal size={16} aria-hidden />
                  )}
                  <div className={styles.commitWords}>
                    {renders ? (
                      <Field label="Message">
                        <TextInput
                          maxLength={200}
                          value={subject ?? firstLine}
                          onChange={event => setSubject(event.target.value)}
                        />
                      </Field>
                    ) : (
                      <p className={styles.subject}>{firstLine}</p>
                    )}
                    <CommitPlaces preview={data} />
                    {data.review !== undefined && <p className={styles.by}>By pull request: {data.review}</p>}
                  </div>
                </section>
                <PreviewView
                  preview={data}
                  rendered={renders ? { data: rendered.data, error: rendered.error } : undefined}
                />
                {typed !== undefined && (
                  <Field label={`Type ${typed} to go on`}>
                    <TextInput mono value={text} onChange={event => setText(event.target.value)} />
                  </Field>
                )}
              </>
            )}
          </>
        )}
        {apply.error !== null && (
          <ErrorPanel error={apply.error} onRetry={() => void preview.refetch().then(() => apply.reset())} />
        )}
      </div>
    </Drawer>
  )
}
