import { FileCheck2, FolderOpen } from 'lucide-react'
import { useRef, useState } from 'react'
import type { FleetAddCheck, FleetAddStart } from '../../../../../src/server/contract/fleet-add.ts'
import { Button } from '../../../ui/button.tsx'
import { cx } from '../../../ui/class-names.ts'
import { Field } from '../../../ui/field.tsx'
import { Select, TextInput } from '../../../ui/inputs.tsx'
import styles from './add.module.css'
import { PullSecret } from './pull-secret.tsx'
import { type FluxForm, type Form, problemIn } from './wish.ts'

const mostBytes = 2 * 1024 * 1024

const sources = [
  { value: 'release', label: 'A release, which this server downloads' },
  { value: 'file', label: 'A file: the output of flux install --export' },
]

interface FluxProps {
  readonly form: Form
  readonly start: FleetAddStart
  readonly check: FleetAddCheck | undefined
  readonly onChange: (change: Partial<Form>) => void
}

/** Where Flux's manifests are from, and the options of `flux install`. */
export function FluxManifests({ form, start, check, onChange }: FluxProps) {
  const { flux } = form
  const put = (change: Partial<FluxForm>): void => onChange({ flux: { ...flux, ...change } })
  return (
    <div className={styles.engine}>
      <div className={styles.two}>
        <Field label="Manifests">
          <Select
            value={flux.from}
            options={sources}
            onChange={event => put({ from: event.target.value as FluxForm['from'] })}
          />
        </Field>
        {flux.from === 'release' && (
          <Field label="Version" optional error={problemIn(check, 'fluxVersion')}>
            <TextInput
              mono
              value={flux.version}
              placeholder={start.flux.version}
              onChange={event => put({ version: event.target.value })}
            />
          </Field>
        )}
      </div>
      {flux.from === 'file' ? (
        <ManifestFile flux={flux} check={check} onChange={put} />
      ) : (
        <Field
          label="Mirror of the releases"
          optional
          error={problemIn(check, 'fluxReleases')}
          hint="For a server that does not reach github.com."
        >
          <TextInput
            mono
            value={flux.releases}
            placeholder={start.flux.releases}
            onChange={event => put({ releases: event.target.value })}
          />
        </Field>
      )}
      <details className={styles.more}>
        <summary>More of Flux</summary>
        <div className={styles.two}>
          <Field
            label="Registry of the images"
            optional
            error={problemIn(check, 'fluxRegistry')}
            hint="In the place of ghcr.io/fluxcd."
          >
            <TextInput
              mono
              value={flux.registry}
              placeholder="registry.example.com/fluxcd"
              onChange={event => put({ registry: event.target.value })}
            />
          </Field>
          <PullSecret form={form} check={check} onChange={onChange} />
          <Field
            label="More controllers"
            optional
            error={problemIn(check, 'fluxExtra')}
            hint="Beside the usual four, with commas between them."
          >
            <TextInput
              mono
              value={flux.extra}
              placeholder="image-reflector-controller,image-automation-controller"
              onChange={event => put({ extra: event.target.value })}
            />
          </Field>
          {flux.from === 'release' && (
            <Field
              label="Digest"
              optional
              error={problemIn(check, 'fluxDigest')}
              hint="Of the release's install.yaml. Without it, the release's own list of checksums counts."
            >
              <TextInput
                mono
                value={flux.digest}
                placeholder="sha256:…"
                onChange={event => put({ digest: event.target.value })}
              />
            </Field>
          )}
        </div>
      </details>
    </div>
  )
}

/** The file itself is not shown: what it holds is. */
function ManifestFile({
  flux,
  check,
  onChange,
}: {
  flux: FluxForm
  check: FleetAddCheck | undefined
  onChange: (change: Partial<FluxForm>) => void
}) {
  const [over, setOver] = useState(false)
  const [refused, setRefused] = useState<string>()
  const input = useRef<HTMLInputElement>(null)
  const take = async (list: FileList | null): Promise<void> => {
    const file = list?.[0]
    if (file === undefined) return
    if (file.size > mostBytes) return setRefused(`${file.name} is larger than 2 MiB.`)
    setRefused(undefined)
    onChange({ name: file.name, text: await file.text() })
  }
  const isThere = flux.text !== ''
  const read = check?.flux
  return (
    <Field
      label="File"
      error={refused ?? (isThere ? problemIn(check, 'fluxText') : undefined)}
      hint="Only what Flux itself installs may be in it; a Secret is refused."
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one more way; the button is the other */}
      <div
        className={cx(styles.fluxFile, over && styles.dropOver)}
        onDragOver={event => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={event => {
          event.preventDefault()
          setOver(false)
          void take(event.dataTransfer.files)
        }}
      >
        <p role="status" aria-label="Manifests of Flux">
          {isThere ? (
            <>
              <FileCheck2 size={16} aria-hidden />
              <code>{flux.name}</code>
              {read !== undefined && (
                <span className={styles.quiet}>
                  Flux {read.version}: {read.components.join(', ')}
                </span>
              )}
            </>
          ) : (
            <span className={styles.quiet}>Drop it here, or choose it.</span>
          )}
        </p>
        <Button small icon={FolderOpen} onClick={() => input.current?.click()}>
          {isThere ? 'Replace' : 'Choose a file'}
        </Button>
        <input
          ref={input}
          type="file"
          hidden
          accept=".yaml,.yml,text/yaml"
          aria-label="File with the manifests of Flux"
          onChange={event => {
            void take(event.target.files)
            event.target.value = ''
          }}
        />
      </div>
    </Field>
  )
}
