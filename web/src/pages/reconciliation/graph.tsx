import '@xyflow/react/dist/base.css'
import {
  Background,
  Controls,
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react'
import { GitBranch } from 'lucide-react'
import { memo, useEffect, useMemo, useRef, useState } from 'react'
import type { GraphRow, GraphView } from '../../../../src/server/contract/reconciliation.ts'
import { useResource } from '../../data/resource.ts'
import { useDrawer } from '../../frame/drawer.tsx'
import { useTheme } from '../../frame/theme.ts'
import { cx } from '../../ui/class-names.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Select } from '../../ui/inputs.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { StateIcon, stateOrder, stateWord } from '../../ui/state.tsx'
import { firstView } from './first-view.ts'
import styles from './graph.module.css'
import { boxHeight, boxWidth } from './layout.ts'
import { useLayout } from './use-layout.ts'

type Box = GraphView['nodes'][number]
type BoxNode = Node<{ readonly box: Box; readonly isOpen: boolean }, 'box'>

/** From the repository to the object, left to right. What is in order is folded by kind; what is not stands alone. */
export function Graph({
  root,
  rows,
  onRoot,
}: {
  root: string | undefined
  rows: readonly GraphRow[]
  onRoot: (id: string | undefined) => void
}) {
  const [open, setOpen] = useState<readonly string[]>([])
  const { data, error, refetch } = useResource<GraphView>('/reconciliation/graph', {
    topics: ['reconciliation'],
    query: { root, open: open.join(',') || undefined },
  })
  const drawer = useDrawer()
  const laid = useLayout(data)
  const roots = rows.filter(row => row.role === 'source' || row.role === 'applier')
  if (error !== null && data === undefined) return <ErrorPanel error={error} onRetry={() => void refetch()} />
  return (
    <div className={styles.view}>
      <div className={styles.bar}>
        <Select
          aria-label="Begin the graph at"
          value={root ?? ''}
          onChange={event => onRoot(event.target.value === '' ? undefined : event.target.value)}
          options={[
            { value: '', label: 'Everything' },
            ...roots.map(row => ({ value: row.id, label: `${row.kind}/${row.namespace}/${row.name}` })),
          ]}
        />
        {data !== undefined && data.left > 0 && (
          <span className={styles.left}>
            {data.left.toLocaleString()} objects are left out: begin at one of them, or use the list.
          </span>
        )}
      </div>
      {data !== undefined && data.nodes.length === 0 ? (
        <EmptyState icon={GitBranch} title="Nothing to draw">
          No source of Flux and nothing that it applied is there, or your roles reach none of it.
        </EmptyState>
      ) : laid === undefined ? (
        <TableSkeleton label="Laying out the graph" rows={8} />
      ) : (
        <ReactFlowProvider>
          <Picture
            graph={laid.graph}
            places={laid.places}
            current={drawer.shown}
            onBox={box => {
              if (box.box === 'one') drawer.show(box.id)
              else
                setOpen(before => (before.includes(box.id) ? before.filter(id => id !== box.id) : [...before, box.id]))
            }}
            fitKey={root ?? ''}
          />
        </ReactFlowProvider>
      )}
    </div>
  )
}

function Picture({
  graph,
  places,
  current,
  onBox,
  fitKey,
}: {
  graph: GraphView
  places: Readonly<Record<string, { readonly x: number; readonly y: number }>>
  current: string | undefined
  onBox: (box: Box) => void
  fitKey: string
}) {
  const theme = useTheme()
  const flow = useReactFlow()
  const picture = useRef<HTMLElement>(null)
  const nodes = useMemo<BoxNode[]>(
    () =>
      graph.nodes
        .filter(box => places[box.id] !== undefined)
        .map(box => ({
          id: box.id,
          type: 'box',
          position: places[box.id]!,
          width: boxWidth,
          height: boxHeight,
          data: { box, isOpen: box.id === current },
          draggable: false,
          connectable: false,
          deletable: false,
        })),
    [graph, places, current],
  )
  const edges = useMemo<Edge[]>(
    () =>
      graph.edges.map(({ from, to, kind }) => ({
        id: `${from}>${to}`,
        source: from,
        target: to,
        className: cx(styles.edge, kind === 'depends' && styles.depends),
        focusable: false,
        deletable: false,
        ariaLabel: '',
      })),
    [graph],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another beginning moves the view
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const { clientWidth: width = 0, clientHeight: height = 0 } = picture.current ?? {}
      const view = firstView(graph, places, { width, height })
      if (view !== undefined) void flow.setViewport(view)
    })
    return () => cancelAnimationFrame(frame)
  }, [fitKey])
  return (
    <section ref={picture} className={styles.picture} aria-label="Graph from source to object">
      <ReactFlow
        colorMode={theme === 'dark' ? 'dark' : 'light'}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        onNodeClick={(_, node) => onBox(node.data.box)}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        minZoom={0.15}
        maxZoom={1.5}
        preventScrolling={false}
        zoomOnScroll={false}
        panOnScroll={false}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} size={1} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </section>
  )
}

/** One object, or many of a kind with how they stand: a button, so that the keyboard gets there too. */
const BoxView = memo(function BoxView({ data }: NodeProps<BoxNode>) {
  const { box, isOpen } = data
  return (
    <>
      <Handle type="target" position={Position.Left} className={styles.handle} />
      <button
        type="button"
        className={cx(styles.box, styles[box.state], box.box === 'fold' && styles.fold, isOpen && styles.open)}
      >
        {box.box === 'one' ? (
          <>
            <span className={styles.kind}>{box.kind}</span>
            <span className={styles.state}>
              <StateIcon state={box.state} size={14} />
              <span>{box.word}</span>
            </span>
            <span className={styles.name} title={`${box.namespace}/${box.name}`}>
              {box.name}
            </span>
          </>
        ) : (
          <>
            <span className={styles.kind}>{box.kind}</span>
            <span className={styles.total}>{total(box.counts).toLocaleString()}</span>
            <span className="visually-hidden">more: show them,</span>
            <span className={styles.counts}>
              {stateOrder
                .filter(state => box.counts[state] > 0)
                .map(state => (
                  <span key={state} className={styles.count} title={stateWord(state)}>
                    <StateIcon state={state} size={14} />
                    {box.counts[state].toLocaleString()} {stateWord(state).toLowerCase()}
                  </span>
                ))}
            </span>
          </>
        )}
      </button>
      <Handle type="source" position={Position.Right} className={styles.handle} />
    </>
  )
})

const nodeTypes = { box: BoxView }
const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, n) => sum + n, 0)
