import { Link } from 'wouter'
import type { EnvironmentView } from '../../../../src/server/contract/environments.ts'
import { Facts, Section } from '../../ui/section.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { appPath, healthOf } from '../applications/words.ts'
import styles from './environments.module.css'
import { clusterWords, namespaceExample, type Placed, projectsWords } from './words.ts'

/** One environment, and what runs in it. */
export function EnvironmentPanel({
  environment,
  placed,
  mayRemove,
}: {
  environment: EnvironmentView
  placed: readonly Placed[]
  mayRemove: boolean
}) {
  const { name, order, spec, applications } = environment
  const pattern = spec.namespace ?? '{app}-{environment}'
  const example = namespaceExample(pattern, name)
  return (
    <div className={styles.stack}>
      <Facts
        facts={[
          { name: 'Name', value: <code>{name}</code> },
          { name: 'Order', value: `${order}: promotion goes from lower to higher` },
          {
            name: 'Namespaces',
            value: (
              <>
                <code>{pattern}</code>
                {example !== undefined && (
                  <>
                    , for example <code>{example}</code>
                  </>
                )}
              </>
            ),
          },
          {
            name: 'Cluster',
            value:
              spec.cluster === undefined ? (
                'the management cluster'
              ) : (
                <>
                  {clusterWords(spec)}, by the kubeconfig in the Secret <code>{spec.cluster.kubeConfigSecret}</code>
                </>
              ),
          },
          { name: 'Who may deploy', value: projectsWords(spec) },
          { name: 'Changes come', value: spec.pullRequest ? 'by pull or merge requests only' : 'by commits' },
        ]}
      />
      <Section title={applications === 1 ? '1 application' : `${applications} applications`}>
        {placed.length === 0 ? (
          <p className={styles.quiet}>Nothing that you may see is deployed here.</p>
        ) : (
          <ul className={styles.placed}>
            {placed.map(({ app, deployment }) => {
              const { state, word } = healthOf(deployment)
              return (
                <li key={app.name}>
                  <Link to={appPath(app.name, { environment: name })}>{app.name}</Link>
                  <code>{deployment.namespace}</code>
                  <StateBadge state={state}>{word}</StateBadge>
                </li>
              )
            })}
          </ul>
        )}
        {mayRemove && applications > 0 && (
          <p className={styles.quiet}>It can be removed when nothing is deployed here any more.</p>
        )}
      </Section>
    </div>
  )
}
