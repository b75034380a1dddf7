import { useState } from 'react'
import type { EnvironmentSpec, EnvironmentView } from '../../../../src/server/contract/environments.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox, RadioCards } from '../../ui/choices.tsx'
import { Field } from '../../ui/field.tsx'
import { TextInput } from '../../ui/inputs.tsx'
import styles from './environments.module.css'
import { namespaceExample } from './words.ts'

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/** A new environment, or another spec of one; the commit is shown after it. */
export function EnvironmentForm({
  environment,
  taken,
  order: firstOrder,
  onReview,
}: {
  environment?: EnvironmentView
  taken: readonly string[]
  order: number
  onReview: (wish: { readonly name: string; readonly spec: EnvironmentSpec }) => void
}) {
  const spec = environment?.spec ?? {}
  const [name, setName] = useState(environment?.name ?? '')
  const [title, setTitle] = useState(spec.title ?? '')
  const [order, setOrder] = useState(String(firstOrder))
  const [namespace, setNamespace] = useState(spec.namespace ?? '{app}-{environment}')
  const [where, setWhere] = useState<'here' | 'there'>(spec.cluster === undefined ? 'here' : 'there')
  const [cluster, setCluster] = useState(spec.cluster?.name ?? '')
  const [secret, setSecret] = useState(spec.cluster?.kubeConfigSecret ?? '')
  const [everybody, setEverybody] = useState(spec.projects === undefined)
  const [projects, setProjects] = useState((spec.projects ?? []).join(', '))
  const [pullRequest, setPullRequest] = useState(spec.pullRequest === true)
  const named = projects.split(/[\s,]+/).filter(Boolean)
  const wrongName =
    name === '' || environment !== undefined
      ? undefined
      : name === 'base'
        ? 'every application has a folder of this name'
        : taken.includes(name)
          ? 'there is an environment of this name'
          : name.length <= 30 && label.test(name)
            ? undefined
            : 'at most 30 lower-case letters, digits and hyphens'
  const number = Number(order)
  const wrongOrder =
    order.trim() !== '' && Number.isInteger(number) && number >= 0 && number <= 1000
      ? undefined
      : 'a whole number from 0 to 1000'
  const example = namespaceExample(namespace, name === '' || wrongName ? 'staging' : name)
  const wrongNamespace =
    example === undefined ? 'lower-case letters, digits, hyphens, {app} and {environment}' : undefined
  const wrongSecret = where === 'there' && secret !== '' && !/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(secret)
  const badProject = named.find(one => one.length > 63 || !label.test(one))
  const ready =
    name !== '' &&
    wrongName === undefined &&
    wrongOrder === undefined &&
    wrongNamespace === undefined &&
    (where === 'here' || (secret !== '' && !wrongSecret)) &&
    (everybody || (named.length > 0 && badProject === undefined))
  return (
    <form
      className={styles.stack}
      onSubmit={event => {
        event.preventDefault()
        if (!ready) return
        onReview({
          name,
          spec: {
            ...(title.trim() === '' ? {} : { title: title.trim() }),
            order: number,
            ...(namespace === '{app}-{environment}' ? {} : { namespace }),
            ...(where === 'here'
              ? {}
              : { cluster: { ...(cluster.trim() === '' ? {} : { name: cluster.trim() }), kubeConfigSecret: secret } }),
            ...(everybody ? {} : { projects: named }),
            ...(pullRequest ? { pullRequest } : {}),
          },
        })
      }}
    >
      <Field
        label="Name"
        error={wrongName}
        hint={
          environment === undefined
            ? 'It stays: folders, releases and namespaces are called by it.'
            : 'It stays: folders, releases and namespaces are called by it. For another name, add another environment.'
        }
      >
        <TextInput
          mono
          value={name}
          maxLength={60}
          readOnly={environment !== undefined}
          onChange={event => setName(event.target.value)}
        />
      </Field>
      <Field label="Called" optional hint="For people.">
        <TextInput value={title} maxLength={200} onChange={event => setTitle(event.target.value)} />
      </Field>
      <Field label="Order" error={wrongOrder} hint="Promotion goes from lower to higher: production has the highest.">
        <TextInput inputMode="numeric" value={order} maxLength={4} onChange={event => setOrder(event.target.value)} />
      </Field>
      <Field
        label="Namespaces"
        error={wrongNamespace}
        hint={
          <>
            {example === undefined ? 'Of each application here.' : <>The application shop gets {example}.</>}
            {environment !== undefined && ' What is deployed already stays in its namespace.'}
          </>
        }
      >
        <TextInput mono value={namespace} maxLength={120} onChange={event => setNamespace(event.target.value)} />
      </Field>
      <div className={styles.choice}>
        <h3>Cluster</h3>
        <RadioCards
          label="Cluster"
          value={where}
          onChange={setWhere}
          choices={[
            { value: 'here', title: 'The management cluster', text: 'The one that follows the repository.' },
            { value: 'there', title: 'Another cluster', text: 'The engine reaches it by a kubeconfig in a Secret.' },
          ]}
        />
      </div>
      {where === 'there' && (
        <>
          <Field
            label="Secret with the kubeconfig"
            error={wrongSecret ? 'the name of a Secret' : undefined}
            hint="In the system namespace of the management cluster. It is not made here."
          >
            <TextInput mono value={secret} maxLength={253} onChange={event => setSecret(event.target.value)} />
          </Field>
          <Field label="Cluster is called" optional>
            <TextInput value={cluster} maxLength={200} onChange={event => setCluster(event.target.value)} />
          </Field>
        </>
      )}
      <Checkbox label="Every project may deploy here" checked={everybody} onChange={setEverybody} />
      {!everybody && (
        <Field
          label="Projects that may"
          error={badProject === undefined ? undefined : `${badProject} is no name of a project`}
          hint="Separated by commas."
        >
          <TextInput mono value={projects} onChange={event => setProjects(event.target.value)} />
        </Field>
      )}
      <Checkbox
        label="Changes come by pull request only"
        hint="Somebody else looks before anything is deployed here."
        checked={pullRequest}
        onChange={setPullRequest}
      />
      <div className={styles.buttons}>
        <Button kind="primary" type="submit" disabled={!ready}>
          Review the commit
        </Button>
      </div>
    </form>
  )
}
