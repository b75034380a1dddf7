import { useEffect, useMemo, useState } from 'react'
import type { ApplicationChange } from '../../../../src/server/contract/application-changes.ts'
import type { ApplicationValues } from '../../../../src/server/contract/application-values.ts'
import type { ApplicationView } from '../../../../src/server/contract/applications.ts'
import { useResource } from '../../data/resource.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { ValuesEditor } from '../../values/index.tsx'
import { effective } from '../../values/layers.ts'
import { useSecrets } from '../../values/secrets.tsx'
import { useValuesCheck } from '../../values/use-check.ts'
import styles from './applications.module.css'
import { ScopeSelect } from './scope-select.tsx'

export interface TabProps {
  readonly app: ApplicationView
  readonly environment: string | undefined
  readonly onEnvironment: (environment: string) => void
  readonly operator: (environment?: string) => boolean
  readonly onReview: (title: string, change: ApplicationChange) => void
}

/** Values of the base, or of an environment as patches on it. */
export function ValuesTab(props: TabProps) {
  const { app, environment, onEnvironment } = props
  const scope = app.deployments.some(d => d.environment === environment) ? environment! : ''
  const { data, error, refetch } = useResource<ApplicationValues>(
    `/applications/${encodeURIComponent(app.name)}/values`,
    {
      query: { environment: scope === '' ? undefined : scope },
      topics: [`applications/${app.name}`],
    },
  )
  return (
    <div className={styles.stack}>
      <ScopeSelect app={app} base value={scope} onChange={onEnvironment} />
      <p className={styles.quiet}>
        {scope === ''
          ? 'The base is what every environment starts from. A change here flows into each that does not override it.'
          : 'What is set here is a patch on the base: everything else flows in from it.'}
      </p>
      {data === undefined ? (
        error === null ? (
          <TextSkeleton lines={8} />
        ) : (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <Editor key={scope} {...props} scope={scope} data={data} />
      )}
    </div>
  )
}

const none: readonly (readonly string[])[] = []

function Editor({ app, scope, data, operator, onReview }: TabProps & { scope: string; data: ApplicationValues }) {
  const stored = scope === '' ? data.text.base : data.text.override
  const [text, setText] = useState(stored)
  const [from, setFrom] = useState(stored)
  const dirty = text !== from
  // What came into Git meanwhile is taken over where nothing was typed; else the person decides.
  useEffect(() => {
    if (stored === from) return
    if (!dirty) setText(stored)
    if (!dirty || text === stored) setFrom(stored)
  }, [stored, from, dirty, text])
  const below = useMemo(
    () => (scope === '' ? effective(data.content?.values ?? {}) : effective(data.content?.values ?? {}, data.base)),
    [scope, data.content?.values, data.base],
  )
  const secretsStored = useMemo(() => data.secrets.map(s => s.path), [data.secrets])
  const secrets = useSecrets(
    scope === '' ? data.secretPaths : data.secretPaths,
    scope === '' ? none : secretsStored,
    scope === '' ? 'Secrets are set for each environment: choose one above.' : data.secretProblem,
  )
  const { check, error, busy } = useValuesCheck({
    app: app.name,
    ...(scope === '' ? {} : { environment: scope }),
    yaml: text,
  })
  const title = app.deployments.find(d => d.environment === scope)?.title ?? 'Base'
  const changed = dirty || secrets.wishes.length > 0 || secrets.forgotten.length > 0
  const problems = check?.problems ?? []
  const review = (): void =>
    onReview(scope === '' ? `Values of ${app.name}` : `Values of ${app.name} in ${title}`, {
      kind: 'values',
      app: app.name,
      ...(scope === '' ? {} : { environment: scope }),
      ...(dirty ? { yaml: text } : { yaml: stored }),
      ...(secrets.wishes.length > 0 ? { secrets: [...secrets.wishes] } : {}),
      ...(secrets.forgotten.length > 0 ? { forget: [...secrets.forgotten] } : {}),
    })
  return (
    <>
      {dirty && stored !== from && (
        <p role="status" className={styles.moved}>
          <StateBadge state="attention">These values changed in Git since you began.</StateBadge>
          <Button
            small
            onClick={() => {
              setText(stored)
              setFrom(stored)
            }}
          >
            Take what Git has
          </Button>
        </p>
      )}
      {data.chartProblem !== undefined && <p className={styles.wrong}>The chart cannot be read: {data.chartProblem}</p>}
      {error !== undefined && <ErrorPanel error={error} />}
      <ValuesEditor
        text={text}
        onText={setText}
        below={below}
        names={scope === '' ? ['Chart', 'Base'] : ['Base', title]}
        schema={data.content?.schema}
        problems={problems}
        secrets={secrets}
      />
      {operator(scope === '' ? undefined : scope) && (
        <div className={styles.bar}>
          <span role="status" className={styles.quiet}>
            {!changed
              ? 'Nothing is changed.'
              : busy
                ? 'Checking …'
                : problems.length === 0
                  ? 'It fits the chart.'
                  : 'It does not fit the chart yet.'}
          </span>
          <Button
            disabled={!changed}
            onClick={() => {
              setText(stored)
              setFrom(stored)
              secrets.clear()
            }}
          >
            Discard
          </Button>
          <Button kind="primary" disabled={!changed || busy || problems.length > 0} onClick={review}>
            Review the commit
          </Button>
        </div>
      )}
    </>
  )
}
