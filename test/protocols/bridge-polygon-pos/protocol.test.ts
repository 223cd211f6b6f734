/** Polygon's bridge at both ends. A real deposit stands in the mainnet capture: capture.test.ts. */
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../../src/chains/registry'
import type { Hex } from '../../../src/chains/types'
import { logFilters } from '../../../src/processor/filters'
import { PROTOCOLS } from '../../../src/protocols/registry'
import { NATIVE_ASSET } from '../../../src/protocols/types'
import { ALICE, BOB, eventLog, factsUnder } from '../../support/event-logs'
import { STRANGER } from '../../support/logs'

const [ethereum, polygon] = [CHAINS.ethereum!, CHAINS.polygon!]
const predicate = (label: string): Hex =>
  ethereum.contracts.find((entry) => entry.protocol === 'bridge-polygon-pos' && entry.label.includes(label))!
    .address
const usdc = ethereum.tokens[1]!.address
const child = polygon.tokens.find(({ symbol }) => symbol === 'USDC.e')!.address
const native = polygon.tokens.find(({ symbol }) => symbol === 'USDC')!.address
const ZERO: Hex = `0x${'0'.repeat(40)}`
const fact = { table: 'bridge_transfer', bridge: 'polygon-pos', amount: 5n, verified: true }

describe('on Ethereum', () => {
  const locked = (name: string) =>
    `event ${name}(address indexed depositor, address indexed depositReceiver, address indexed rootToken, uint256 amount)`
  const exited = (name: string) =>
    `event ${name}(address indexed exitor, address indexed rootToken, uint256 amount)`
  const deposit = { depositor: ALICE, depositReceiver: BOB, rootToken: usdc, amount: 5n }
  const exit = { exitor: ALICE, rootToken: usdc, amount: 5n }

  it('locks what leaves and releases what comes back, ether and tokens', () => {
    const facts = factsUnder(
      ethereum,
      eventLog(predicate('Polygon ERC-20'), locked('LockedERC20'), deposit),
      eventLog(predicate('Polygon ERC-20'), exited('ExitedERC20'), exit),
      eventLog(predicate('mintable'), locked('LockedMintableERC20'), deposit),
      eventLog(predicate('mintable'), exited('ExitedMintableERC20'), exit),
      eventLog(
        predicate('ether'),
        'event LockedEther(address indexed depositor, address indexed depositReceiver, uint256 amount)',
        deposit,
      ),
      eventLog(predicate('ether'), 'event ExitedEther(address indexed exitor, uint256 amount)', exit),
    )
    const token = { ...fact, account: ALICE, asset: usdc, remoteChainId: 137n }
    const ether = { ...token, asset: NATIVE_ASSET }
    const [out, back] = [{ direction: 'out' }, { direction: 'in' }]
    expect(facts).toMatchObject([
      { ...token, ...out },
      { ...token, ...back },
      { ...token, ...out },
      { ...token, ...back },
      { ...ether, ...out },
      { ...ether, ...back },
    ])
  })

  it('believes no stranger', () => {
    const facts = factsUnder(ethereum, eventLog(STRANGER, locked('LockedERC20'), deposit))
    expect(facts).toMatchObject([{ verified: false, remoteChainId: null }])
  })
})

describe('on Polygon', () => {
  const transfer = (of: Hex, from: Hex, to: Hex) =>
    eventLog(of, 'event Transfer(address indexed from, address indexed to, uint256 value)', {
      from,
      to,
      value: 5n,
    })
  const bridged = (...logs: ReturnType<typeof transfer>[]) =>
    factsUnder(polygon, ...logs).filter(({ table }) => table === 'bridge_transfer')

  it('a child token is minted by what arrives and burned by what leaves, besides being transferred', () => {
    const facts = factsUnder(polygon, transfer(child, ZERO, ALICE), transfer(child, BOB, ZERO))
    const remote = { ...fact, asset: child, remoteChainId: 1n }
    expect(facts.filter(({ table }) => table === 'token_transfer')).toHaveLength(2)
    expect(bridged(transfer(child, ZERO, ALICE), transfer(child, BOB, ZERO))).toMatchObject([
      { ...remote, direction: 'in', account: ALICE },
      { ...remote, direction: 'out', account: BOB },
    ])
  })

  it('transfers between accounts, and mints of other tokens, cross no bridge', () => {
    expect(
      bridged(
        transfer(child, ALICE, BOB),
        transfer(child, ZERO, ZERO),
        transfer(native, ZERO, ALICE),
        transfer(STRANGER, ZERO, ALICE),
      ),
    ).toEqual([])
  })

  it('asks a source for its child tokens even where it is read alone', () => {
    const filters = logFilters(polygon, [PROTOCOLS['bridge-polygon-child']!])
    const asked = filters.flatMap(({ address = [] }) => address)
    expect(asked).toContain(child)
    expect(asked).not.toContain(native)
    expect(
      logFilters(ethereum, [PROTOCOLS['bridge-polygon-child']!]).flatMap(({ address = [] }) => address),
    ).toEqual(ethereum.feeds.map(({ address }) => address))
  })
})
