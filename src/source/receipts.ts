/**
 * The receipts root of a block, recomputed. A header commits to its receipts by a Merkle-Patricia trie: key rlp(index),
 * value the receipt as consensus encodes it, `[status or root, cumulativeGasUsed, logsBloom, logs]`, with the type byte
 * before it for typed transactions (EIP-2718; types 1 to 4 of EIP-2930, 1559, 4844 and 7702 have the same fields).
 * Blocks before Byzantium hold the state root after the transaction in place of a status.
 *
 * The bloom is recomputed from the logs, so a log that was changed changes the root whatever bloom was sent with it.
 * Not on every chain do receipts make up the header's root: Polygon's state-sync transactions have receipts outside it,
 * early Cronos blocks carry roots of another encoding, and OP-stack deposits (0x7e) add fields. `canVerify` says where
 * verification means something.
 */
import { RLP } from '@ethereumjs/rlp'
import { type Hex, hexToBytes } from 'viem'
import { addToBloom, emptyBloom } from './bloom'
import type { Header, RpcReceipt } from './headers'
import { EndpointLie } from './rpc-error'

/** Chains whose receipts are known not to make up their header's root: Polygon, Cronos, and those with system transactions. */
const UNVERIFIABLE = new Map<number, string>([
  [137, 'state-sync transactions have receipts outside the root'],
  [25, 'receipts roots of some blocks do not follow from their receipts'],
  [999, 'system transactions have receipts outside the root'],
])

/** Why receipts of a chain cannot be verified; undefined when they can. */
export function cannotVerify(chainId: number): string | undefined {
  return UNVERIFIABLE.get(chainId)
}

type RlpItem = Uint8Array | RlpItem[]

const MAX_TYPE = 4
const DEPOSIT_TYPE = 0x7e

function malformed(what: string): EndpointLie {
  return new EndpointLie('receipts-root', `receipts cannot be encoded: ${what}`)
}

function bytesOf(value: unknown, name: string): Uint8Array {
  if (typeof value === 'string' && /^0x(?:[0-9a-fA-F]{2})*$/.test(value)) return hexToBytes(value as Hex)
  throw malformed(`${name} is ${(JSON.stringify(value) ?? 'absent').slice(0, 80)}`)
}

/** A quantity without leading zeros, as RLP wants it. */
function quantityBytes(value: unknown, name: string): Uint8Array {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{1,64}$/.test(value)) {
    throw malformed(`${name} is ${(JSON.stringify(value) ?? 'absent').slice(0, 80)}`)
  }
  const digits = value.slice(2).replace(/^0+/, '')
  return digits === '' ? new Uint8Array(0) : hexToBytes(`0x${digits.length % 2 === 1 ? '0' : ''}${digits}`)
}

/** Consensus encoding of a receipt, and its bloom. */
export function encodeReceipt(receipt: RpcReceipt): { bytes: Uint8Array; bloom: Uint8Array } {
  const bloom = emptyBloom()
  const logs = receipt.logs.map((log): RlpItem => {
    const address = bytesOf(log.address, 'log.address')
    const topics = log.topics.map((topic) => bytesOf(topic, 'log.topic'))
    for (const value of [log.address, ...log.topics]) addToBloom(bloom, value.toLowerCase())
    return [address, topics, bytesOf(log.data, 'log.data')]
  })
  const outcome =
    receipt.status !== undefined && receipt.status !== null
      ? quantityBytes(receipt.status, 'status')
      : bytesOf(receipt.root, 'root')
  const fields: RlpItem[] = [
    outcome,
    quantityBytes(receipt.cumulativeGasUsed, 'cumulativeGasUsed'),
    bloom,
    logs,
  ]
  const type = Number(receipt.type ?? '0x0')
  if (type === DEPOSIT_TYPE) {
    // Regolith adds the deposit's nonce, Canyon the version that says so.
    for (const field of ['depositNonce', 'depositReceiptVersion']) {
      if (receipt[field] !== undefined && receipt[field] !== null)
        fields.push(quantityBytes(receipt[field], field))
    }
  } else if (!(Number.isInteger(type) && type >= 0 && type <= MAX_TYPE))
    throw malformed(`type ${receipt.type}`)
  const body = RLP.encode(fields)
  return { bytes: type === 0 ? body : Uint8Array.from([type, ...body]), bloom }
}

/** The root of a block's receipts, and the union of their blooms. */
export async function receiptsRoot(
  receipts: readonly RpcReceipt[],
): Promise<{ root: Hex; bloom: Uint8Array }> {
  // Loaded only where receipts are verified: it brings elliptic curves along.
  const { MerklePatriciaTrie } = await import('@ethereumjs/mpt')
  const trie = new MerklePatriciaTrie()
  const union = emptyBloom()
  for (const [i, receipt] of receipts.entries()) {
    const { bytes, bloom } = encodeReceipt(receipt)
    bloom.forEach((byte, at) => {
      union[at] = (union[at] ?? 0) | byte
    })
    await trie.put(RLP.encode(i), bytes)
  }
  return { root: `0x${Buffer.from(trie.root()).toString('hex')}`, bloom: union }
}

/**
 * Holds receipts against the header that commits to them.
 * @throws EndpointLie when the root or the bloom is another
 */
export async function verifyReceipts(
  header: Pick<Header, 'ref' | 'bloom' | 'receiptsRoot'>,
  receipts: readonly RpcReceipt[],
): Promise<void> {
  const { height } = header.ref
  if (header.receiptsRoot === undefined) throw malformed(`the header of block ${height} has no receiptsRoot`)
  const { root, bloom } = await receiptsRoot(receipts)
  if (root !== header.receiptsRoot) {
    throw new EndpointLie(
      'receipts-root',
      `receipts of block ${height} have root ${root}, the header says ${header.receiptsRoot}`,
    )
  }
  if (header.bloom && Buffer.compare(bloom, header.bloom) !== 0) {
    throw new EndpointLie('receipts-root', `the logs of block ${height} do not make up its logsBloom`)
  }
}
