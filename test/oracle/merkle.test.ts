import fc from 'fast-check'
import { concat, type Hex, keccak256, toHex } from 'viem'
import { expect, it } from 'vitest'
import { merkleTree } from '../../src/oracle/merkle'

/** Folds a proof as OpenZeppelin's MerkleProof does. */
const fold = (leaf: Hex, proof: Hex[]) =>
  proof.reduce((a, b) => keccak256(BigInt(a) < BigInt(b) ? concat([a, b]) : concat([b, a])), leaf)

it('has no root without leaves, and the leaf itself as the root of one', () => {
  expect(() => merkleTree([])).toThrow(/at least one/)
  const leaf = keccak256('0x01')
  expect(merkleTree([leaf])).toEqual({ root: leaf, proofs: [[]] })
})

it('proves every leaf of any tree, and no other leaf with the same proof', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 70 }), fc.nat(), (count, salt) => {
      const leaves = Array.from({ length: count }, (_, i) => keccak256(toHex(`${salt}:${i}`)))
      const { root, proofs } = merkleTree(leaves)
      for (const [i, leaf] of leaves.entries()) {
        expect(fold(leaf, proofs[i]!)).toBe(root)
        expect(fold(keccak256(leaf), proofs[i]!)).not.toBe(root)
      }
    }),
    { numRuns: 30 },
  )
})
