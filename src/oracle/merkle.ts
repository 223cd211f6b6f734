/**
 * Merkle tree over the scores of one round, in the shape OpenZeppelin's MerkleProof checks: leaves are hashed
 * twice, pairs are hashed in sorted order, and an odd node moves up unpaired. Pure.
 */
import { concat, encodeAbiParameters, type Hex, keccak256 } from 'viem'
import { type OracleTarget, oracleDomain } from './report'

/** One score: `subject` and `metric` are keccak256 of the subject's id and the metric's name; 0..1e8. */
export interface ScoreLeaf {
  subject: Hex
  metric: Hex
  modelHash: Hex
  valueE8: bigint
}

const leafTypes = [
  { type: 'bytes32' },
  { type: 'bytes32' },
  { type: 'bytes32' },
  { type: 'uint256' },
] as const

/** The hash of a leaf as ScoreRoots.verifyScore computes it. */
export function leafHash({ subject, metric, modelHash, valueE8 }: ScoreLeaf): Hex {
  return keccak256(keccak256(encodeAbiParameters(leafTypes, [subject, metric, modelHash, valueE8])))
}

/** Root and one proof a leaf, in the order the leaves were given. Throws when there is no leaf. */
export function merkleTree(leaves: readonly Hex[]): { root: Hex; proofs: Hex[][] } {
  if (leaves.length === 0) throw new Error('a Merkle tree needs at least one leaf')
  const proofs: Hex[][] = leaves.map(() => [])
  // Which leaves lie below each node of the current level.
  let level = leaves.map((hash, i) => ({ hash, below: [i] }))
  while (level.length > 1) {
    const next: typeof level = []
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i]!, level[i + 1]]
      if (right === undefined) {
        next.push(left)
        continue
      }
      for (const leaf of left.below) proofs[leaf]!.push(right.hash)
      for (const leaf of right.below) proofs[leaf]!.push(left.hash)
      next.push({ hash: hashPair(left.hash, right.hash), below: [...left.below, ...right.below] })
    }
    level = next
  }
  return { root: level[0]!.hash, proofs }
}

function hashPair(a: Hex, b: Hex): Hex {
  return keccak256(BigInt(a) < BigInt(b) ? concat([a, b]) : concat([b, a]))
}

/** What the quorum signs about one scoring round; see contracts/ScoreRoots.sol. */
export interface ScoreRoot {
  scoredChainId: bigint
  height: bigint
  blockHash: Hex
  observedAt: bigint
  expiresAt: bigint
  leafCount: number
  root: Hex
}

/** EIP-712 typed data of a score root for `account.signTypedData`; the domain is the RiskOracle's. */
export function scoreRootTypedData(target: OracleTarget, message: ScoreRoot) {
  return {
    domain: oracleDomain(target),
    types: {
      ScoreRoot: [
        { name: 'scoredChainId', type: 'uint256' },
        { name: 'height', type: 'uint64' },
        { name: 'blockHash', type: 'bytes32' },
        { name: 'observedAt', type: 'uint64' },
        { name: 'expiresAt', type: 'uint64' },
        { name: 'leafCount', type: 'uint32' },
        { name: 'root', type: 'bytes32' },
      ],
    },
    primaryType: 'ScoreRoot',
    message,
  } as const
}
