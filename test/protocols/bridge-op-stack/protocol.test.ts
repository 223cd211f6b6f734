/** The standard bridges of OP Mainnet and Base: every transfer once, though it is told twice. */
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../../src/chains/registry'
import type { Hex } from '../../../src/chains/types'
import { NATIVE_ASSET } from '../../../src/protocols/types'
import { ALICE, BOB, eventLog, factsUnder } from '../../support/event-logs'
import { STRANGER } from '../../support/logs'

const [ethereum, base, optimism] = [CHAINS.ethereum!, CHAINS.base!, CHAINS.optimism!]
const L1_BASE: Hex = '0x3154cf16ccdb4c6d922629664174b904d80f2c35'
const L1_OP: Hex = '0x99c9fc46f92e8a1c0dec1b1747d010903e884be1'
const L2: Hex = '0x4200000000000000000000000000000000000010'
const [usdc, usdbc] = [ethereum.tokens[1]!.address, base.tokens[2]!.address]
const OLD_ETHER: Hex = '0xdeaddeaddeaddeaddeaddeaddeaddeaddead0000'
const ZERO: Hex = `0x${'0'.repeat(40)}`
const ether = (name: string) =>
  `event ${name}(address indexed from, address indexed to, uint256 amount, bytes extraData)`
const token = (name: string) =>
  `event ${name}(address indexed first, address indexed second, address indexed from, address to, uint256 amount, bytes extraData)`
const sent = { from: ALICE, to: BOB, amount: 5n, extraData: '0x1234' }
const pair = { first: usdc, second: usdbc }
const fact = { table: 'bridge_transfer', bridge: 'op-stack', amount: 5n, verified: true }

describe('on Ethereum', () => {
  it('a deposit counts once, before and after the release that tells it twice', () => {
    const facts = factsUnder(
      ethereum,
      eventLog(L1_BASE, ether('ETHDepositInitiated'), sent),
      eventLog(L1_BASE, ether('ETHBridgeInitiated'), sent),
      eventLog(L1_OP, token('ERC20DepositInitiated'), { ...sent, ...pair }),
      eventLog(L1_OP, token('ERC20BridgeInitiated'), { ...sent, ...pair }),
    )
    expect(facts).toEqual([
      { ...fact, subIndex: 0, direction: 'out', account: ALICE, asset: NATIVE_ASSET, remoteChainId: 8453n },
      { ...fact, subIndex: 0, direction: 'out', account: ALICE, asset: usdc, remoteChainId: 10n },
    ])
  })

  it('a withdrawal arrives with its receiver', () => {
    const facts = factsUnder(
      ethereum,
      eventLog(L1_OP, ether('ETHWithdrawalFinalized'), sent),
      eventLog(L1_OP, ether('ETHBridgeFinalized'), sent),
      eventLog(L1_BASE, token('ERC20WithdrawalFinalized'), { ...sent, ...pair, extraData: '0x' }),
      eventLog(L1_BASE, token('ERC20BridgeFinalized'), { ...sent, ...pair }),
    )
    expect(facts).toMatchObject([
      { ...fact, direction: 'in', account: BOB, asset: NATIVE_ASSET, remoteChainId: 10n },
      { ...fact, direction: 'in', account: BOB, asset: usdc, remoteChainId: 8453n },
    ])
  })
})

describe('on the other chain', () => {
  it('tokens go by their address there, ether by none', () => {
    const old = { ...sent, first: ZERO, second: OLD_ETHER }
    expect(
      factsUnder(
        base,
        eventLog(L2, token('DepositFinalized'), { ...sent, ...pair }),
        eventLog(L2, token('ERC20BridgeFinalized'), { ...sent, ...pair }),
        eventLog(L2, token('WithdrawalInitiated'), old),
        eventLog(L2, ether('ETHBridgeInitiated'), sent),
      ),
    ).toMatchObject([
      { ...fact, direction: 'in', account: BOB, asset: usdbc, remoteChainId: 1n },
      { ...fact, direction: 'out', account: ALICE, asset: NATIVE_ASSET, remoteChainId: 1n },
    ])
    expect(factsUnder(optimism, eventLog(L2, token('DepositFinalized'), old))).toMatchObject([
      { direction: 'in', asset: NATIVE_ASSET, verified: true },
    ])
  })
})

it('believes neither a stranger nor an end of the bridge that speaks as the other', () => {
  const facts = factsUnder(
    ethereum,
    eventLog(STRANGER, ether('ETHDepositInitiated'), sent),
    eventLog(L1_OP, token('DepositFinalized'), { ...sent, ...pair }),
  )
  expect(facts).toMatchObject([
    { verified: false, remoteChainId: null },
    { verified: false, remoteChainId: null },
  ])
})
