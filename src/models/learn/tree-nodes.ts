/** A tree while it grows: its nodes in lists, packed into the arrays of forest.ts when it is done. */
import type { Tree } from './forest'

/** Parallel lists, one entry a node. `cover` counts the training rows that passed the node. */
export type TreeNodes = Record<
  'feature' | 'threshold' | 'left' | 'right' | 'missingLeft' | 'value' | 'cover',
  number[]
>

export function emptyNodes(): TreeNodes {
  return { feature: [], threshold: [], left: [], right: [], missingLeft: [], value: [], cover: [] }
}

/** Adds a leaf, which may become an inner node; returns its number. */
export function addNode(nodes: TreeNodes): number {
  for (const list of Object.values(nodes)) list.push(0)
  const node = nodes.feature.length - 1
  nodes.feature[node] = -1
  return node
}

/** Makes a node a split; its children must be there. */
export function setSplit(
  nodes: TreeNodes,
  node: number,
  split: { feature: number; threshold: number; missingLeft: boolean; left: number; right: number },
): void {
  nodes.feature[node] = split.feature
  nodes.threshold[node] = split.threshold
  nodes.missingLeft[node] = split.missingLeft ? 1 : 0
  nodes.left[node] = split.left
  nodes.right[node] = split.right
}

/** Packs the lists and computes every node's expectation from its leaves, weighted by training rows. */
export function packTree(nodes: TreeNodes): Tree {
  const { cover } = nodes
  const expected = Float64Array.from(nodes.value)
  // Children come after their parents.
  for (let node = expected.length - 1; node >= 0; node--) {
    if (nodes.feature[node]! < 0) continue
    const [left, right] = [nodes.left[node]!, nodes.right[node]!]
    expected[node] =
      (expected[left]! * cover[left]! + expected[right]! * cover[right]!) / (cover[left]! + cover[right]!)
  }
  return {
    feature: Int32Array.from(nodes.feature),
    threshold: Float32Array.from(nodes.threshold),
    left: Int32Array.from(nodes.left),
    right: Int32Array.from(nodes.right),
    missingLeft: Uint8Array.from(nodes.missingLeft),
    value: Float32Array.from(nodes.value),
    expected,
    cover: Float64Array.from(cover),
  }
}
