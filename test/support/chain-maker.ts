/**
 * Chains made of seeds: blocks whose logs move every kind of state the processor keeps (a lending reserve and its
 * positions, a pool, prices, quarantined emitters), so that store tests can fork and cut them at will.
 */
import { encodeAbiParameters, keccak256, parseAbiParameters, stringToBytes, stringToHex } from 'viem'
import type { ChainSpec, Hex } from '../../src/chains/types'
import type { SourceBlock } from '../../src/processor/block'
import { topicOf } from '../../src/protocols/log-shape'
import type { BlockRef, RawLog, RawTransaction } from '../../src/protocols/types'
import { testChain } from './processor'

export function address(name: string): Hex {
  return `0x${keccak256(stringToBytes(name)).slice(26)}`
}

export function word(value: bigint | Hex): Hex {
  return typeof value === 'bigint'
    ? `0x${BigInt.asUintN(256, value).toString(16).padStart(64, '0')}`
    : `0x${value.slice(2).padStart(64, '0')}`
}

export const POOL = address('pool')
export const CONFIGURATOR = address('configurator')
export const FACTORY = address('factory')
export const FACTORY_V3 = address('factory v3')
export const POOL_V3 = address('pool v3')
export const FEED = address('feed')
export const TOKEN = address('token')
export const A_TOKEN = address('aToken')
export const DEBT_TOKEN = address('debtToken')
export const SPAMMER = address('spammer')

/** A chain that lists a lending pool, a pair factory, a price feed and one token. */
export const MADE_CHAIN: ChainSpec = testChain({
  id: 31337,
  name: 'made',
  kind: 'local',
  finalityDepthBlocks: 12,
  tokens: [{ address: TOKEN, symbol: 'TOK', name: 'Token', decimals: 18 }],
  feeds: [{ address: FEED, asset: TOKEN, decimals: 8, description: 'TOK / USD' }],
  contracts: [
    { address: POOL, protocol: 'aave-v3', role: 'pool', label: 'pool', deployedAtBlock: 0, revision: 1 },
    {
      address: CONFIGURATOR,
      protocol: 'aave-v3',
      role: 'poolConfigurator',
      label: 'configurator',
      deployedAtBlock: 0,
      links: { pool: POOL },
    },
    { address: FACTORY, protocol: 'uniswap-v2', role: 'factory', label: 'factory', deployedAtBlock: 0 },
    { address: FACTORY_V3, protocol: 'uniswap-v3', role: 'factory', label: 'factory v3', deployedAtBlock: 0 },
  ],
})

export interface LogInput {
  address: Hex
  topics: Hex[]
  data: Hex
}

/** Transactions of a made block. */
const MAX_TRANSACTIONS = 100

/** A block with the given logs, spread over as many transactions, up to a limit. */
export function blockOf(ref: BlockRef, logs: readonly LogInput[]): SourceBlock {
  const hashes = logs.slice(0, MAX_TRANSACTIONS).map((_, i) => keccak256(stringToHex(`${ref.hash}:${i}`)))
  const txHash = (i: number): Hex => hashes[i % MAX_TRANSACTIONS] ?? ref.hash
  const rawLogs = logs.map(
    (log, i): RawLog => ({
      ...log,
      block: ref,
      logIndex: i,
      txIndex: i % MAX_TRANSACTIONS,
      txHash: txHash(i),
    }),
  )
  const transactions = logs.slice(0, MAX_TRANSACTIONS).map(
    (log, i): RawTransaction => ({
      block: ref,
      txIndex: i,
      hash: txHash(i),
      from: address(`sender ${i % 3}`),
      to: log.address,
      valueWei: BigInt(i),
      input: '0xa9059cbb',
      gasUsed: 21_000n,
      status: 1,
      nonce: i,
    }),
  )
  return { ref, logs: rawLogs, transactions }
}

const words = (...values: bigint[]): Hex => `0x${values.map((value) => word(value).slice(2)).join('')}`

export function transferLog(token: Hex, from: Hex, to: Hex, amount: bigint): LogInput {
  return {
    address: token,
    topics: [topicOf('Transfer(address,address,uint256)'), word(from), word(to)],
    data: word(amount),
  }
}

export function answerLog(feed: Hex, answer: bigint, round: bigint, updatedAtSec: bigint): LogInput {
  return {
    address: feed,
    topics: [topicOf('AnswerUpdated(int256,uint256,uint256)'), word(answer), word(round)],
    data: word(updatedAtSec),
  }
}

export function pairCreatedLog(factory: Hex, token0: Hex, token1: Hex, pair: Hex): LogInput {
  return {
    address: factory,
    topics: [topicOf('PairCreated(address,address,address,uint256)'), word(token0), word(token1)],
    data: encodeAbiParameters(parseAbiParameters('address, uint256'), [pair, 1n]),
  }
}

export function syncLog(pair: Hex, reserve0: bigint, reserve1: bigint): LogInput {
  return { address: pair, topics: [topicOf('Sync(uint112,uint112)')], data: words(reserve0, reserve1) }
}

const WIDTH = 60n

function poolCreated(): LogInput[] {
  return [
    {
      address: FACTORY_V3,
      topics: [
        topicOf('PoolCreated(address,address,uint24,int24,address)'),
        word(TOKEN),
        word(address('token1')),
        word(3_000n),
      ],
      data: words(WIDTH, BigInt(POOL_V3)),
    },
    { address: POOL_V3, topics: [topicOf('Initialize(uint160,int24)')], data: words(2n ** 96n, 0n) },
  ]
}

/** A range of the pool gains liquidity, or loses some that it may not have, by sign. */
function liquidityLog(lower: number, upper: number, amount: number): LogInput {
  const ticks = [lower, upper].map((slot) => word(BigInt(slot) * WIDTH))
  const provider = word(address('provider'))
  return amount > 0
    ? {
        address: POOL_V3,
        topics: [topicOf('Mint(address,address,int24,int24,uint128,uint256,uint256)'), provider, ...ticks],
        data: words(BigInt(provider), BigInt(amount), 5n, 6n),
      }
    : {
        address: POOL_V3,
        topics: [topicOf('Burn(address,int24,int24,uint128,uint256,uint256)'), provider, ...ticks],
        data: words(BigInt(-amount), 0n, 0n),
      }
}

export function reserveInitialized(): LogInput {
  return {
    address: CONFIGURATOR,
    topics: [
      topicOf('ReserveInitialized(address,address,address,address,address)'),
      word(TOKEN),
      word(A_TOKEN),
    ],
    data: encodeAbiParameters(parseAbiParameters('address, address, address'), [
      address('stable'),
      DEBT_TOKEN,
      address('strategy'),
    ]),
  }
}

const RAY = 10n ** 27n

function mint(token: Hex, account: Hex, value: bigint): LogInput {
  return {
    address: token,
    topics: [topicOf('Mint(address,address,uint256,uint256,uint256)'), word(account), word(account)],
    data: words(value, 0n, RAY),
  }
}

function collateral(account: Hex, on: boolean): LogInput {
  const name = on ? 'Enabled' : 'Disabled'
  return {
    address: POOL,
    topics: [topicOf(`ReserveUsedAsCollateral${name}(address,address)`), word(TOKEN), word(account)],
    data: '0x',
  }
}

function reserveData(index: bigint): LogInput {
  return {
    address: POOL,
    topics: [topicOf('ReserveDataUpdated(address,uint256,uint256,uint256,uint256,uint256)'), word(TOKEN)],
    data: words(index / 50n, 0n, index / 40n, index, index + 7n),
  }
}

/** A Transfer with too little data: quarantined. */
export function badLog(emitter: Hex = SPAMMER): LogInput {
  return { ...transferLog(emitter, address('x'), address('y'), 1n), data: '0x01' }
}

function contents(branch: string, height: number): LogInput[] {
  const random = (n: number, salt: string): number =>
    Number(BigInt(keccak256(stringToBytes(`${branch}:${height}:${salt}`))) % BigInt(n))
  const holder = address(`holder ${random(5, 'holder')}`)
  const other = address(`holder ${random(50, 'other')} of ${branch}`)
  const logs: LogInput[] = []
  if (height === 1)
    logs.push(
      reserveInitialized(),
      pairCreatedLog(FACTORY, TOKEN, address('token1'), address('pair')),
      ...poolCreated(),
    )
  if (random(3, 'pair?') === 0) {
    const pair = address(`pair ${branch} ${height}`)
    logs.push(pairCreatedLog(FACTORY, TOKEN, address(`token of ${pair}`), pair), syncLog(pair, 5n, 6n))
  }
  logs.push(transferLog(TOKEN, holder, other, BigInt(random(1_000_000, 'amount'))))
  logs.push(transferLog(address(`unlisted ${random(9, 'token')} ${branch}`), other, holder, 2n ** 256n - 1n))
  if (height > 1) {
    logs.push(mint(A_TOKEN, holder, BigInt(1 + random(10_000, 'supply'))))
    if (random(2, 'borrow') === 0) logs.push(mint(DEBT_TOKEN, holder, BigInt(1 + random(100, 'debt'))))
    if (random(2, 'switch') === 0) logs.push(collateral(holder, random(2, 'on') === 0))
    logs.push(reserveData(RAY + BigInt(height * 1000 + random(1000, 'index'))))
    logs.push(syncLog(address('pair'), BigInt(random(10_000, 'r0')), BigInt(random(10_000, 'r1'))))
  }
  if (height > 1 && random(2, 'liquidity?') === 0) {
    const lower = random(200, 'lower') - 100
    logs.push(liquidityLog(lower, lower + 1 + random(90, 'width'), random(1_000, 'liquidity') - 200))
  }
  if (random(2, 'price') === 0) {
    logs.push(
      answerLog(FEED, BigInt(1 + random(10_000, 'answer')) * 10n ** 8n, BigInt(height), BigInt(height)),
    )
  }
  for (let i = random(12, 'spam'); i > 0; i--) logs.push(badLog(address(`spammer ${i % 2}`)))
  return logs
}

/**
 * Blocks after `parents` up to height `to`. The same branch name, height and parent give the same block.
 * @param parents the chain to continue; empty to begin at block 0
 */
export function growChain(parents: readonly SourceBlock[], branch: string, to: number): SourceBlock[] {
  const blocks = [...parents]
  for (let height = blocks.length; height <= to; height++) {
    const parentHash = blocks.at(-1)?.ref.hash ?? `0x${'0'.repeat(64)}`
    const hash = keccak256(stringToHex(`${parentHash}:${branch}:${height}`))
    const ref: BlockRef = {
      chainId: MADE_CHAIN.id,
      height,
      hash,
      parentHash,
      timestampSec: 1_700_000_000 + height * 12,
    }
    blocks.push(blockOf(ref, contents(branch, height)))
  }
  return blocks
}
