import type { ApplicationChange } from '../../../../src/server/contract/application-changes.ts'
import type { ApplicationView, DeploymentView } from '../../../../src/server/contract/applications.ts'
import type { Updates } from '../../../../src/server/contract/updates.ts'
import { useResource } from '../../data/resource.ts'
import { Drawer } from '../../frame/drawer.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Section } from '../../ui/section.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { pathWords } from '../../values/tree.ts'
import { chartWords } from '../changes/value-changes.tsx'
import styles from './applications.module.css'

/** Newer versions of what an environment runs: asked for when it is opened; each can be taken by a reviewed commit. */
export function UpdatesDrawer({
  app,
  deployment,
  onClose,
  onReview,
}: {
  app: ApplicationView
  deployment: DeploymentView
  onClose: () => void
  onReview: (title: string, change: ApplicationChange) => void
}) {
  const { environment, title } = deployment
  const { data, error, refetch } = useResource<Updates>(`/applications/${encodeURIComponent(app.name)}/updates`, {
    query: { environment },
  })
  return (
    <Drawer title={`Updates of ${app.name} in ${title}`} onClose={onClose}>
      {data === undefined ? (
        error === null ? (
          <TextSkeleton lines={8} label="Asking chart repositories and registries" />
        ) : (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <div className={styles.updates}>
          <Section title="Chart" lead={chartWords(data.chart.current)}>
            <Versions
              label="Newer charts"
              problem={data.chart.problem}
              none="No newer version."
              versions={data.chart.versions.map(one => ({
                name: one.version,
                about: one.prerelease ? 'prerelease' : one.appVersion && `app ${one.appVersion}`,
                change: {
                  kind: 'chart',
                  app: app.name,
                  environment,
                  chart: { ...data.chart.current, version: one.version },
                },
              }))}
              onTake={change => onReview(`Chart of ${app.name} in ${title}`, change)}
            />
          </Section>
          {data.images.map(image => (
            <Section
              key={image.path.join('.')}
              title={data.images.length > 1 ? `Image ${pathWords(image.path)}` : 'Image'}
              lead={`${image.name}${image.tag === '' ? '' : `:${image.tag}`}`}
            >
              {image.digest !== '' && (
                <p className={styles.quiet}>It is pinned by digest; another tag takes the digest away.</p>
              )}
              <Versions
                label={`Newer images of ${image.name}`}
                problem={image.problem}
                none="No newer version."
                note={
                  image.ordered || image.tags.length === 0
                    ? undefined
                    : `“${image.tag}” is no version, so nothing says which of these is newer.`
                }
                versions={image.tags.map(tag => ({
                  name: tag,
                  change: { kind: 'image', app: app.name, environment, path: image.path, tag },
                }))}
                onTake={change => onReview(`Image of ${app.name} in ${title}`, change)}
              />
            </Section>
          ))}
          {data.images.length === 0 && (
            <p className={styles.quiet}>The values name no image that could be asked about.</p>
          )}
        </div>
      )}
    </Drawer>
  )
}

interface Version {
  readonly name: string
  readonly about?: string | undefined
  readonly change: ApplicationChange
}

const shown = 5

function Versions({
  label,
  versions,
  problem,
  none,
  note,
  onTake,
}: {
  label: string
  versions: readonly Version[]
  problem: string | undefined
  none: string
  note?: string | undefined
  onTake: (change: ApplicationChange) => void
}) {
  if (problem !== undefined) {
    return (
      <p className={styles.wrong}>
        <StateBadge state="attention">Not known</StateBadge> {problem}
      </p>
    )
  }
  if (versions.length === 0) return <StateBadge state="agreed">{none}</StateBadge>
  const row = ({ name, about, change }: Version) => (
    <li key={name}>
      <code>{name}</code>
      <span className={styles.quiet}>{about}</span>
      <Button small onClick={() => onTake(change)}>
        Review<span className="visually-hidden"> the update to {name}</span>
      </Button>
    </li>
  )
  return (
    <>
      {note !== undefined && <p className={styles.quiet}>{note}</p>}
      <ul className={styles.versions} aria-label={label}>
        {versions.slice(0, shown).map(row)}
      </ul>
      {versions.length > shown && (
        <details>
          <summary>{versions.length - shown} more</summary>
          <ul className={styles.versions}>{versions.slice(shown).map(row)}</ul>
        </details>
      )}
    </>
  )
}
