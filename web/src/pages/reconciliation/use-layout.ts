import { useEffect, useRef, useState } from 'react'
import type { GraphView } from '../../../../src/server/contract/reconciliation.ts'
import { type LayoutAnswer, layoutRequest } from './layout.ts'

export interface Laid {
  readonly graph: GraphView
  readonly places: LayoutAnswer['places']
}

/**
 * Where the boxes stand, worked out in a worker. While the same boxes only change their state, they stay where they are,
 * and the old picture stays until the new one is ready: nothing jumps.
 */
export function useLayout(graph: GraphView | undefined): Laid | undefined {
  const [laid, setLaid] = useState<Laid>()
  const worker = useRef<Worker>(undefined)
  const asked = useRef({ id: 0, shape: '', graph: undefined as GraphView | undefined })
  useEffect(() => {
    const made = new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' })
    worker.current = made
    made.addEventListener('message', ({ data }: MessageEvent<LayoutAnswer>) => {
      const { id, graph: latest } = asked.current
      if (data.id === id && latest !== undefined) setLaid({ graph: latest, places: data.places })
    })
    return () => {
      made.terminate()
      // A page that is shown twice in development starts anew.
      asked.current = { id: 0, shape: '', graph: undefined }
    }
  }, [])
  useEffect(() => {
    if (graph === undefined) return
    const shape = JSON.stringify([
      graph.nodes.map(node => node.id).sort(),
      graph.edges.map(e => `${e.from}>${e.to}`).sort(),
    ])
    const same = shape === asked.current.shape
    asked.current = { id: same ? asked.current.id : asked.current.id + 1, shape, graph }
    if (!same) worker.current?.postMessage(layoutRequest(asked.current.id, graph))
    else setLaid(before => (before === undefined ? before : { graph, places: before.places }))
  }, [graph])
  return laid
}
