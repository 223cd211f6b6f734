/** Trees built by hand or out of others: nested shapes to and from the flat arrays of learn/forest.ts. */
import { leafOf, type Tree } from '../learn/forest'

export type Shape =
  | { value: number }
  | { feature: number; threshold: number; missingLeft: boolean; left: Shape; right: Shape }

/** The flat form, parents before children. Leaf values become float32; expectations are 0 until `expectOver`. */
export function makeTree(shape: Shape): Tree {
  const nodes: { shape: Shape; left: number; right: number }[] = []
  const add = (one: Shape): number => {
    const at = nodes.push({ shape: one, left: 0, right: 0 }) - 1
    if ('feature' in one) {
      nodes[at]!.left = add(one.left)
      nodes[at]!.right = add(one.right)
    }
    return at
  }
  add(shape)
  const split = ({ shape: one }: { shape: Shape }) => ('feature' in one ? one : undefined)
  return {
    feature: Int32Array.from(nodes, (node) => split(node)?.feature ?? -1),
    threshold: Float32Array.from(nodes, (node) => split(node)?.threshold ?? 0),
    left: Int32Array.from(nodes, (node) => node.left),
    right: Int32Array.from(nodes, (node) => node.right),
    missingLeft: Uint8Array.from(nodes, (node) => (split(node)?.missingLeft ? 1 : 0)),
    value: Float32Array.from(nodes, ({ shape: one }) => ('value' in one ? one.value : 0)),
    expected: new Float64Array(nodes.length),
  }
}

/** The nested form of a flat tree, its leaf values times `scale`. */
export function shapeOfTree(tree: Tree, scale = 1, node = 0): Shape {
  if (tree.feature[node]! < 0) return { value: tree.value[node]! * scale }
  return {
    feature: tree.feature[node]!,
    threshold: tree.threshold[node]!,
    missingLeft: tree.missingLeft[node] === 1,
    left: shapeOfTree(tree, scale, tree.left[node]!),
    right: shapeOfTree(tree, scale, tree.right[node]!),
  }
}

/** Sets every node's expectation: the mean leaf value over the rows (row-major float32) that reach it. */
export function expectOver(tree: Tree, rows: Float32Array, featureCount: number): void {
  const count = new Float64Array(tree.feature.length)
  for (let start = 0; start < rows.length; start += featureCount) {
    const leaf = leafOf(tree, rows, start)
    count[leaf] = count[leaf]! + 1
  }
  tree.expected.set(tree.value)
  for (let node = tree.feature.length - 1; node >= 0; node--) {
    if (tree.feature[node]! < 0) continue
    const [left, right] = [tree.left[node]!, tree.right[node]!]
    const total = count[left]! + count[right]!
    count[node] = total
    tree.expected[node] =
      total === 0
        ? (tree.expected[left]! + tree.expected[right]!) / 2
        : (tree.expected[left]! * count[left]! + tree.expected[right]! * count[right]!) / total
  }
}
