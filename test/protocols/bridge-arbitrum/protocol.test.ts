/** Arbitrum's bridge at both ends: gateways, ether by inbox and outbox, and which token a gateway made. */
import { concat, numberToHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../../src/chains/registry'
import type { Hex } from '../../../src/chains/types'
import { twinTokenOf } from '../../../src/protocols/bridge-arbitrum/twin-token'
import { NATIVE_ASSET } from '../../../src/protocols/types'
import { ALICE, BOB, eventLog, factsUnder } from '../../support/event-logs'
import { STRANGER } from '../../support/logs'

const [ethereum, arbitrum] = [CHAINS.ethereum!, CHAINS.arbitrum!]
const at = (chain: typeof ethereum, label: string): Hex =>
  chain.contracts.find((entry) => entry.protocol === 'bridge-arbitrum' && entry.label === label)!.address
const token = (chain: typeof ethereum, symbol: string): Hex =>
  chain.tokens.find((entry) => entry.symbol === symbol)!.address
const fact = { table: 'bridge_transfer', bridge: 'arbitrum', verified: true, amount: 5n }
const DEPOSIT_INITIATED =
  'event DepositInitiated(address l1Token, address indexed from, address indexed to, uint256 indexed number, uint256 amount)'
const WITHDRAWAL_FINALIZED = DEPOSIT_INITIATED.replace('DepositInitiated', 'WithdrawalFinalized')
const DEPOSIT_FINALIZED =
  'event DepositFinalized(address indexed l1Token, address indexed from, address indexed to, uint256 amount)'
const WITHDRAWAL_INITIATED =
  'event WithdrawalInitiated(address l1Token, address indexed from, address indexed to, uint256 indexed id, uint256 exitNum, uint256 amount)'
const INBOX = 'event InboxMessageDelivered(uint256 indexed messageNum, bytes data)'
const BRIDGE_CALL =
  'event BridgeCallTriggered(address indexed outbox, address indexed to, uint256 value, bytes data)'
const L2_TO_L1 =
  'event L2ToL1Tx(address caller, address indexed destination, uint256 indexed hash, uint256 indexed position, uint256 arbBlockNum, uint256 ethBlockNum, uint256 timestamp, uint256 callvalue, bytes data)'
const sent = { from: ALICE, to: BOB, number: 1n, id: 1n, exitNum: 0n, amount: 5n }

describe('on Ethereum', () => {
  const usdc = token(ethereum, 'USDC')
  it('gateways take tokens and give them back', () => {
    const remote = { ...fact, asset: usdc, remoteChainId: 42161n }
    const facts = factsUnder(
      ethereum,
      eventLog(at(ethereum, 'Arbitrum custom gateway'), DEPOSIT_INITIATED, { ...sent, l1Token: usdc }),
      eventLog(at(ethereum, 'Arbitrum ERC-20 gateway'), WITHDRAWAL_FINALIZED, { ...sent, l1Token: usdc }),
      eventLog(STRANGER, DEPOSIT_INITIATED, { ...sent, l1Token: usdc }),
    )
    expect(facts).toMatchObject([
      { ...remote, direction: 'out', account: ALICE },
      { ...remote, direction: 'in', account: BOB },
      { verified: false, remoteChainId: null, account: ALICE },
    ])
  })

  it('an inbox message is a deposit of ether when it holds a receiver and a value alone', () => {
    const message = (data: Hex) => eventLog(at(ethereum, 'Arbitrum inbox'), INBOX, { messageNum: 1n, data })
    const value = (amount: bigint) => numberToHex(amount, { size: 32 })
    expect(factsUnder(ethereum, message(concat([BOB, value(5n)])))).toMatchObject([
      { ...fact, direction: 'out', account: BOB, asset: NATIVE_ASSET, remoteChainId: 42161n },
    ])
    const others: Hex[] = ['0x', BOB, concat([BOB, value(0n)]), concat([BOB, value(5n), '0x00'])]
    expect(factsUnder(ethereum, ...others.map(message))).toEqual([])
  })

  it('ether comes out by the bridge’s call, unless a gateway receives it for someone', () => {
    const call = (to: Hex, value: bigint) =>
      eventLog(at(ethereum, 'Arbitrum bridge'), BRIDGE_CALL, { outbox: STRANGER, to, value, data: '0x1234' })
    expect(
      factsUnder(ethereum, call(BOB, 5n), call(BOB, 0n), call(at(ethereum, 'Arbitrum WETH gateway'), 5n)),
    ).toMatchObject([{ ...fact, direction: 'in', account: BOB, asset: NATIVE_ASSET }])
  })
})

describe('on Arbitrum', () => {
  it('a token goes by the address that its gateway made or was given', () => {
    const cases = [
      ['ERC-20 gateway', 'WBTC', 'WBTC'],
      ['Custom gateway', 'USDC', 'USDC.e'],
      ['WETH gateway', 'WETH', 'WETH'],
      ['DAI gateway', 'DAI', 'DAI'],
    ] as const
    for (const [gateway, onEthereum, here] of cases) {
      const l1Token = token(ethereum, onEthereum)
      const remote = { ...fact, asset: token(arbitrum, here), remoteChainId: 1n }
      const facts = factsUnder(
        arbitrum,
        eventLog(at(arbitrum, gateway), DEPOSIT_FINALIZED, { ...sent, l1Token }),
        eventLog(at(arbitrum, gateway), WITHDRAWAL_INITIATED, { ...sent, l1Token }),
      )
      expect(facts, gateway).toMatchObject([
        { ...remote, direction: 'in', account: BOB },
        { ...remote, direction: 'out', account: ALICE },
      ])
    }
  })

  it('a token that nobody can tell is not guessed: the gateway stands for it', () => {
    const custom = at(arbitrum, 'Custom gateway')
    const l1Token = token(ethereum, 'AAVE')
    const facts = factsUnder(
      arbitrum,
      eventLog(custom, DEPOSIT_FINALIZED, { ...sent, l1Token }),
      eventLog(STRANGER, DEPOSIT_FINALIZED, { ...sent, l1Token }),
    )
    expect(facts).toMatchObject([
      { asset: custom, verified: true },
      { asset: STRANGER, verified: false },
    ])
  })

  it('ether leaves with ArbSys’ message, unless a gateway sends it for someone', () => {
    const numbers = { hash: 1n, position: 2n, arbBlockNum: 3n, ethBlockNum: 4n, timestamp: 5n }
    const leave = (caller: Hex, callvalue: bigint) =>
      eventLog(at(arbitrum, 'ArbSys'), L2_TO_L1, {
        ...numbers,
        caller,
        destination: BOB,
        callvalue,
        data: '0x12',
      })
    expect(
      factsUnder(arbitrum, leave(ALICE, 5n), leave(ALICE, 0n), leave(at(arbitrum, 'WETH gateway'), 5n)),
    ).toMatchObject([{ ...fact, direction: 'out', account: ALICE, asset: NATIVE_ASSET, remoteChainId: 1n }])
  })
})

describe('twin tokens', () => {
  it('have the addresses that are known on Arbitrum', () => {
    const gateway = at(arbitrum, 'ERC-20 gateway')
    const factory: Hex = '0x3fe38087a94903a9d946fa1915e1772fe611000f'
    expect(twinTokenOf(token(ethereum, 'WBTC'), gateway, factory)).toBe(token(arbitrum, 'WBTC'))
    const link: Hex = '0xf97f4df75117a78c1a5a0dbb814af92458539fb4'
    expect(twinTokenOf(token(ethereum, 'LINK'), gateway, factory)).toBe(link)
  })
})
