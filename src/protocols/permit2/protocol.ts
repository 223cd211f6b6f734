/**
 * Uniswap's Permit2: allowances with an end, given by a transaction (Approval) or a signature (Permit), taken back by
 * Lockdown, and nonces struck off so that signatures lose their force.
 *
 * An allowance is recorded as the token's approval, in the amount that holds after the event: nothing once its end has
 * passed. An end of zero means this block only. Struck-off nonces take a right away that no event gave: `admin_action`.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, topicOf, wordAddress, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import type { DecodeContext, Decoded, Fact, Protocol, RawLog } from '../types'

const APPROVAL = topicOf('Approval(address,address,address,uint160,uint48)')
const PERMIT = topicOf('Permit(address,address,address,uint160,uint48,uint48)')
const LOCKDOWN = topicOf('Lockdown(address,address,address)')
const NONCE_INVALIDATION = topicOf('NonceInvalidation(address,address,address,uint48,uint48)')
const UNORDERED_NONCE_INVALIDATION = topicOf('UnorderedNonceInvalidation(address,uint256,uint256)')

const DECODERS: Readonly<Record<Hex, (log: RawLog, verified: boolean) => Fact>> = {
  [APPROVAL]: (log, verified) => allowance(log, verified, 'Approval', 2),
  [PERMIT]: (log, verified) => allowance(log, verified, 'Permit', 3),
  [LOCKDOWN]: lockdown,
  [NONCE_INVALIDATION]: nonceInvalidation,
  [UNORDERED_NONCE_INVALIDATION]: unorderedNonceInvalidation,
}

function decode(log: RawLog, context: DecodeContext): Decoded {
  const decoder = DECODERS[log.topics[0] as Hex]
  if (decoder === undefined) return NOTHING
  const verified = listedAs(log, context, 'permit2', 'permit2') !== undefined
  return { facts: [decoder(log, verified)], events: [] }
}

/** Approval, Permit (owner indexed, token indexed, spender indexed, amount, expiration[, nonce]) */
function allowance(log: RawLog, verified: boolean, name: string, words: number): Fact {
  expectShape(log, name, 4, words)
  const [amount, expirationSec] = [wordUint(log, 0, 160), wordUint(log, 1, 48)]
  if (words === 3) wordUint(log, 2, 48)
  const over = expirationSec !== 0n && expirationSec < BigInt(log.block.timestampSec)
  const parties = { owner: topicAddress(log, 1), asset: topicAddress(log, 2), spender: topicAddress(log, 3) }
  return approval(verified, parties, over ? 0n : amount)
}

/** Lockdown(owner indexed, token, spender): the allowance is gone */
function lockdown(log: RawLog, verified: boolean): Fact {
  expectShape(log, 'Lockdown', 2, 2)
  const parties = { owner: topicAddress(log, 1), asset: wordAddress(log, 0), spender: wordAddress(log, 1) }
  return approval(verified, parties, 0n)
}

/** NonceInvalidation(owner indexed, token indexed, spender indexed, newNonce, oldNonce) */
function nonceInvalidation(log: RawLog, verified: boolean): Fact {
  expectShape(log, 'NonceInvalidation', 4, 2)
  const [owner, token, spender] = [topicAddress(log, 1), topicAddress(log, 2), topicAddress(log, 3)]
  const [newNonce, oldNonce] = [wordUint(log, 0, 48).toString(), wordUint(log, 1, 48).toString()]
  const detail = { owner, token, spender, newNonce, oldNonce }
  return { ...action(log, verified), kind: 'permitNonceInvalidated', actor: owner, detail }
}

/** UnorderedNonceInvalidation(owner indexed, word, mask): the nonces of the word whose bits the mask sets */
function unorderedNonceInvalidation(log: RawLog, verified: boolean): Fact {
  expectShape(log, 'UnorderedNonceInvalidation', 2, 2)
  const owner = topicAddress(log, 1)
  const detail = { owner, word: wordUint(log, 0).toString(), mask: wordUint(log, 1).toString() }
  return { ...action(log, verified), kind: 'permitNonceInvalidated', actor: owner, detail }
}

function approval(
  verified: boolean,
  parties: { owner: Hex; asset: Hex; spender: Hex },
  amount: bigint,
): Fact {
  return {
    table: 'token_approval',
    subIndex: 0,
    verified,
    ...parties,
    amount,
    tokenId: null,
    standard: 'permit2',
  }
}

function action(log: RawLog, verified: boolean) {
  return { table: 'admin_action', subIndex: 0, verified, target: log.address } as const
}

export const permit2: Protocol = {
  name: 'permit2',
  decoderVersion: 1,
  topics: Object.keys(DECODERS) as Hex[],
  anyEmitter: true,
  decode,
}
