/**
 * Who owns a vault. The CDP manager gives each vault it opens an urn of its own, a contract that it creates; it creates
 * nothing else, so vault n is the contract of its n-th creation and the address follows from n (CREATE). Facts and positions
 * go by the urn; its owner (mostly a proxy of the user's) is a fact here, `vaultOwner`, at opening and at each gift.
 */
import { getContractAddress } from 'viem/utils'
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, topicOf, topicUint } from '../log-shape'
import { NOTHING } from '../trust'
import { type DecodeContext, type Decoded, type RawLog, UndecodableLog } from '../types'
import { expectNote, noteAddress, noteUint } from './note'
import { vatOf } from './seeds'

export const NEW_CDP = topicOf('NewCdp(address,address,uint256)')

/** A contract's nonce is at most 2⁶⁴ − 2. */
const MAX_NONCE = 2n ** 64n - 2n

/** The urn of a manager's vault. */
export function urnOf(manager: Hex, cdp: bigint): Hex {
  if (cdp < 1n || cdp > MAX_NONCE) throw new UndecodableLog(`no vault has the number ${cdp}`)
  return getContractAddress({ from: manager, nonce: cdp }).toLowerCase() as Hex
}

/** NewCdp(opener indexed, owner indexed, cdp indexed) */
export function newCdp(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'NewCdp', 4, 0)
  const [opener, owner, cdp] = [topicAddress(log, 1), topicAddress(log, 2), topicUint(log, 3)]
  return vatOf(log, context, 'cdpManager') === undefined
    ? NOTHING
    : owned(log, { cdp, owner, detail: { opener } })
}

/** give(cdp, new owner) */
export function give(log: RawLog, context: DecodeContext): Decoded {
  if (vatOf(log, context, 'cdpManager') === undefined) return NOTHING
  expectNote(log, 'give')
  return owned(log, { cdp: noteUint(log, 0), owner: noteAddress(log, 1), detail: {} })
}

function owned(
  log: RawLog,
  { cdp, owner, detail }: { cdp: bigint; owner: Hex; detail: Record<string, string> },
): Decoded {
  const target = urnOf(log.address, cdp)
  const about = { kind: 'vaultOwner', target, actor: owner, detail: { ...detail, cdp: cdp.toString() } }
  return { facts: [{ table: 'admin_action', subIndex: 0, verified: true, ...about }], events: [] }
}
