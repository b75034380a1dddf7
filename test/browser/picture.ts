import { mkdir } from 'node:fs/promises'
import type { Tab } from './tab.ts'

/** Where pictures of the pages go, to be looked at; none are taken without it. */
const folder = process.env['SLUICE_TEST_PICTURES']

/** Takes a page as it is, and as it is on a telephone in the dark. */
export async function picture({ page }: Tab, name: string): Promise<void> {
  if (folder === undefined) return
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: `${folder}/${name}.png` })
  const size = page.viewportSize()
  if (size === null || size.width === 390) return
  await page.setViewportSize({ width: 390, height: 844 })
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.screenshot({ path: `${folder}/${name}-390.png` })
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize(size)
}
