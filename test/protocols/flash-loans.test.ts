/** Flash loans as the published interfaces encode them: asset, amount and premium, whichever protocol lends. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Abi, type AbiEvent, encodeAbiParameters, encodeEventTopics, getAbiItem, parseAbi } from 'viem'
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../src/chains/registry'
import type { Hex } from '../../src/chains/types'
import { createContext, createMemoryState, foldLogs } from '../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../src/protocols/registry'
import type { RawLog } from '../../src/protocols/types'
import { log, STRANGER } from '../support/logs'

const ethereum = CHAINS.ethereum!
const listed = (protocol: string, role: string) =>
  ethereum.contracts.find((contract) => contract.protocol === protocol && contract.role === role)!.address
const [weth, usdc] = ['WETH', 'USDC'].map(
  (symbol) => ethereum.tokens.find((t) => t.symbol === symbol)!.address,
)
const [initiator, receiver]: [Hex, Hex] = [`0x${'a1'.repeat(20)}`, `0x${'b2'.repeat(20)}`]

const modules = join(__dirname, '../../node_modules')
const published = (path: string): Abi => JSON.parse(readFileSync(join(modules, path), 'utf8')).abi

/** A log of the interface's event, by viem. */
function logOf(address: Hex, abi: Abi, args: Record<string, unknown>, eventName = 'FlashLoan'): RawLog {
  const event = getAbiItem({ abi, name: eventName }) as AbiEvent
  const plain = event.inputs.filter(({ indexed }) => !indexed)
  return {
    ...log(address, 'FlashLoan()', [], []),
    topics: encodeEventTopics({ abi, eventName, args }) as Hex[],
    data: encodeAbiParameters(
      plain,
      plain.map(({ name }) => args[name!]),
    ),
  }
}

function factsOf(...logs: RawLog[]) {
  const { facts, undecodable } = foldLogs(
    logs,
    PROTOCOLS_BY_TOPIC,
    createMemoryState(),
    createContext(ethereum),
  )
  expect(undecodable).toEqual([])
  return facts
}

const lent = { table: 'flash_loan', receiver, asset: weth, amount: 1_000n, premium: 9n }

describe('flash loans of published interfaces', () => {
  it.each([
    ['aave-v3', '@aave/core-v3/artifacts/contracts/interfaces/IPool.sol/IPool.json'],
    [
      'aave-v2',
      '@aave/protocol-v2/artifacts/contracts/protocol/lendingpool/LendingPool.sol/LendingPool.json',
    ],
  ])('%s', (protocol, path) => {
    const args = {
      target: receiver,
      initiator,
      asset: weth,
      amount: 1_000n,
      premium: 9n,
      interestRateMode: 2,
      referralCode: 7,
    }
    const abi = published(path)
    expect(factsOf(logOf(listed(protocol, 'pool'), abi, args), logOf(STRANGER, abi, args))).toMatchObject([
      { ...lent, protocol, initiator, verified: true },
      { ...lent, protocol, initiator, verified: false },
    ])
  })

  it('balancer-v2', () => {
    const abi = parseAbi([
      'event FlashLoan(address indexed recipient, address indexed token, uint256 amount, uint256 feeAmount)',
    ])
    const args = { recipient: receiver, token: weth, amount: 1_000n, feeAmount: 9n }
    expect(factsOf(logOf(listed('balancer-v2', 'vault'), abi, args))).toMatchObject([
      { ...lent, protocol: 'balancer-v2', initiator: receiver, verified: true },
    ])
  })

  it('uniswap-v3: one for each side that was lent, its asset from the announced pool', () => {
    const pool: Hex = `0x${'f0'.repeat(20)}`
    const root = '@uniswap/v3-core/artifacts/contracts'
    const factoryAbi = published(`${root}/UniswapV3Factory.sol/UniswapV3Factory.json`)
    const abi = published(`${root}/UniswapV3Pool.sol/UniswapV3Pool.json`)
    const created = logOf(
      listed('uniswap-v3', 'factory'),
      factoryAbi,
      { token0: usdc, token1: weth, fee: 500, tickSpacing: 10, pool },
      'PoolCreated',
    )
    const flash = (amount0: bigint, amount1: bigint, paid0: bigint, paid1: bigint) =>
      logOf(pool, abi, { sender: initiator, recipient: receiver, amount0, amount1, paid0, paid1 }, 'Flash')
    const facts = factsOf(created, flash(0n, 1_000n, 0n, 9n), flash(5n, 6n, 1n, 2n), flash(0n, 0n, 3n, 0n))
    const common = { table: 'flash_loan', protocol: 'uniswap-v3', initiator, receiver, verified: true }
    expect(facts).toEqual([
      { ...common, asset: weth, amount: 1_000n, premium: 9n, subIndex: 1 },
      { ...common, asset: usdc, amount: 5n, premium: 1n, subIndex: 0 },
      { ...common, asset: weth, amount: 6n, premium: 2n, subIndex: 1 },
    ])
  })
})
