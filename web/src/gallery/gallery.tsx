import { Page } from '../frame/page.tsx'
import { Section } from '../ui/section.tsx'
import { Actions } from './actions.tsx'
import { Forms } from './forms.tsx'
import styles from './gallery.module.css'
import { Heavy } from './heavy.tsx'
import { Rows } from './rows.tsx'
import { States } from './states.tsx'
import { Work } from './work.tsx'

/** Every primitive in its states, for the design review: `npx vite web`, then /gallery.html. Not part of the console. */
export function Gallery() {
  return (
    <main className={styles.gallery}>
      <Page title="Primitives" lead="Every part in its states, as the pages use it.">
        <Section title="Actions">
          <Actions />
        </Section>
        <Section title="States, pairs, revisions">
          <States />
        </Section>
        <Section title="Rows" lead="Arrow keys walk, Enter opens. Live values change; nothing moves under the pointer.">
          <Rows />
        </Section>
        <Section title="Forms">
          <Forms />
        </Section>
        <Section title="Work and its failures">
          <Work />
        </Section>
        <Section title="Code, charts, text">
          <Heavy />
        </Section>
      </Page>
      <div id="drawer-place" />
    </main>
  )
}
