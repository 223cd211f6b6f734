/** Permit2's allowances as approvals of the token: given, signed, ended, locked down. Real logs: capture.test.ts. */
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../../src/chains/registry'
import type { Hex } from '../../../src/chains/types'
import { ALICE, BOB, eventLog, factsUnder } from '../../support/event-logs'
import { block, STRANGER } from '../../support/logs'

const ethereum = CHAINS.ethereum!
const PERMIT2: Hex = '0x000000000022d473030f116ddee9f6b43ac78ba3'
const token = ethereum.tokens[0]!.address
const NOW_SEC = 1_700_000_000
const parties = { owner: ALICE, token, spender: BOB }
const APPROVAL =
  'event Approval(address indexed owner, address indexed token, address indexed spender, uint160 amount, uint48 expiration)'
const PERMIT =
  'event Permit(address indexed owner, address indexed token, address indexed spender, uint160 amount, uint48 expiration, uint48 nonce)'
const approved = (by: Hex, amount: bigint, expiration: number) =>
  eventLog(by, APPROVAL, { ...parties, amount, expiration }, block(1, 100, NOW_SEC))
const fact = { table: 'token_approval', asset: token, owner: ALICE, spender: BOB, standard: 'permit2' }

describe('allowances', () => {
  it('hold until their end, in this block when the end is zero, and no more once it has passed', () => {
    const most = 2n ** 160n - 1n
    const facts = factsUnder(
      ethereum,
      approved(PERMIT2, most, NOW_SEC),
      approved(PERMIT2, 7n, 0),
      approved(PERMIT2, 7n, NOW_SEC - 1),
      approved(PERMIT2, 0n, NOW_SEC + 1),
    )
    expect(facts.map((each) => each.table === 'token_approval' && each.amount)).toEqual([most, 7n, 0n, 0n])
    for (const each of facts) expect(each).toMatchObject({ ...fact, verified: true, tokenId: null })
  })

  it('are the same by signature, and gone after a lockdown', () => {
    const lockdown = 'event Lockdown(address indexed owner, address token, address spender)'
    const permit = { ...parties, amount: 9n, expiration: NOW_SEC + 1, nonce: 3 }
    const facts = factsUnder(
      ethereum,
      eventLog(PERMIT2, PERMIT, permit, block(1, 100, NOW_SEC)),
      eventLog(PERMIT2, lockdown, parties),
    )
    expect(facts).toMatchObject([
      { ...fact, amount: 9n },
      { ...fact, amount: 0n },
    ])
  })

  it('of any other contract are unverified', () => {
    expect(factsUnder(ethereum, approved(STRANGER, 5n, 0))).toMatchObject([{ ...fact, verified: false }])
  })
})

describe('nonces that are struck off', () => {
  it('are acts of the owner', () => {
    const ordered =
      'event NonceInvalidation(address indexed owner, address indexed token, address indexed spender, uint48 newNonce, uint48 oldNonce)'
    const unordered = 'event UnorderedNonceInvalidation(address indexed owner, uint256 word, uint256 mask)'
    const facts = factsUnder(
      ethereum,
      eventLog(PERMIT2, ordered, { ...parties, newNonce: 9, oldNonce: 4 }),
      eventLog(PERMIT2, unordered, { owner: ALICE, word: 2n, mask: 1n << 255n }),
    )
    const act = { table: 'admin_action', kind: 'permitNonceInvalidated', target: PERMIT2, actor: ALICE }
    expect(facts).toMatchObject([
      { ...act, detail: { token, spender: BOB, newNonce: '9', oldNonce: '4' } },
      { ...act, detail: { word: '2', mask: String(1n << 255n) } },
    ])
  })
})
