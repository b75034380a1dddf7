import type { ReactNode } from 'react'
import type { ApplicationView, DeploymentView } from '../../../../src/server/contract/applications.ts'
import type { StageView, TimelineView } from '../../../../src/server/contract/timeline.ts'
import { useResource } from '../../data/resource.ts'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { PairCard } from '../../ui/pair.tsx'
import { Revision } from '../../ui/revision.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import { type Stage, Timeline } from '../../ui/timeline.tsx'
import { CulpritView } from '../changes/culprit.tsx'
import { chartWords } from '../changes/value-changes.tsx'
import styles from './applications.module.css'
import { healthOf, versionWords } from './words.ts'

const titles: Readonly<Record<StageView['name'], string>> = {
  committed: 'Committed',
  fetched: 'Fetched',
  rendered: 'Rendered',
  applied: 'Applied',
  healthy: 'Healthy',
}

const states: Readonly<Record<StageView['state'], Stage['state']>> = {
  done: 'done',
  running: 'running',
  waiting: 'waiting',
  failed: 'failed',
  'not-run': 'waiting',
  paused: 'warned',
}

/** Commits in the engine's words, as short as everywhere else. */
const shortened = (words: string): string => words.replace(/\b([0-9a-f]{7})[0-9a-f]{33}\b/g, '$1')

/**
 * Stages as the timeline shows them: each with the time since the one before. What is to blame stands at the stage that
 * failed, or at the one that does not get on because of it.
 */
export function stagesOf({ stages, commit, culprit }: TimelineView): readonly Stage[] {
  const stuck = stages.find(stage => stage.state === 'failed') ?? stages.find(stage => stage.state === 'running')
  let before = 0
  return stages.map((stage): Stage => {
    const ms = stage.ms === undefined ? undefined : Math.max(0, stage.ms - before)
    before = stage.ms ?? before
    const blamed = culprit !== undefined && stage === stuck
    const detail =
      stage.name === 'committed' ? (
        <Revision
          key="commit"
          compact
          hash={commit.sha}
          message={commit.subject}
          author={commit.author.name}
          {...(commit.url === undefined ? {} : { href: commit.url })}
        />
      ) : (
        stage.detail && shortened(stage.detail)
      )
    return {
      id: stage.name,
      title: titles[stage.name],
      state: blamed && stage.state === 'running' ? 'warned' : states[stage.state],
      ...(stage.at === undefined ? {} : { at: stage.at }),
      ...(ms === undefined || stage.name === 'committed' ? {} : { ms }),
      ...(detail ? { detail } : {}),
      ...(blamed ? { cause: <CulpritView culprit={culprit} /> } : {}),
    }
  })
}

/** One environment: the pair, what says so, and the way of the newest commit into it. */
export function EnvironmentPanel({
  app,
  deployment,
  actions,
}: {
  app: ApplicationView
  deployment: DeploymentView
  actions: ReactNode
}) {
  const { environment, git, live, health } = deployment
  const timeline = useResource<TimelineView>(`/applications/${encodeURIComponent(app.name)}/timeline`, {
    query: { environment },
    topics: [`applications/${app.name}`],
  })
  const look = healthOf(deployment)
  return (
    <section className={styles.panel} aria-label={deployment.title}>
      <header className={styles.panelHead}>
        <h2>{deployment.title}</h2>
        <StateBadge state={look.state}>{look.word}</StateBadge>
        {health.since !== undefined && (
          <span className={styles.quiet}>
            <RelativeTime at={health.since} />
          </span>
        )}
        <span className={styles.panelActions}>{actions}</span>
      </header>
      <div className={styles.panelBody}>
        <div className={styles.panelPair}>
          <PairCard
            mono
            git={versionWords(git) ?? '–'}
            cluster={live && versionWords(live)}
            agrees={deployment.agrees}
            cause={health.state === 'healthy' && deployment.agrees ? undefined : health.message}
          />
          <dl className={styles.facts}>
            <div>
              <dt>Chart</dt>
              <dd>
                {chartWords(git.chart)}
                {git.chartOverridden && <span className={styles.quiet}> overridden here</span>}
              </dd>
            </div>
            {git.image !== undefined && (
              <div>
                <dt>Image</dt>
                <dd>
                  <code>{git.image}</code>
                </dd>
              </div>
            )}
            <div>
              <dt>Namespace</dt>
              <dd>
                <code>{deployment.namespace}</code>
              </dd>
            </div>
            <div>
              <dt>Overrides</dt>
              <dd>
                {git.overrides === 0
                  ? 'none: all as in the base'
                  : git.overrides === 1
                    ? '1 value'
                    : `${git.overrides} values`}
              </dd>
            </div>
            {live?.release !== undefined && (
              <div>
                <dt>Release</dt>
                <dd>
                  {live.release}
                  {live.releasedAt !== undefined && (
                    <span className={styles.quiet}>
                      {' '}
                      · <RelativeTime at={live.releasedAt} />
                    </span>
                  )}
                </dd>
              </div>
            )}
          </dl>
        </div>
        <div className={styles.panelTimeline}>
          {timeline.data !== undefined ? (
            <Timeline label={`Way into ${deployment.title}`} stages={stagesOf(timeline.data)} />
          ) : timeline.error !== null ? (
            <ErrorPanel error={timeline.error} onRetry={() => void timeline.refetch()} />
          ) : (
            <TextSkeleton lines={6} label="Loading the timeline" />
          )}
        </div>
      </div>
    </section>
  )
}
