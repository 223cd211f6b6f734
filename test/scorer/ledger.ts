/**
 * Blocks written to the database as a processor would leave them: facts, versions, current state, batch log. Small
 * enough to play forks and rollbacks at will; the road from real logs to these rows is tested elsewhere.
 */
import type { ChainSpec, Hex } from '../../src/chains/types'
import { copyLines, copyRows, inTransaction, type Pool, type PoolClient } from '../../src/db/pool'
import { FACT_COLUMNS, TRANSACTION_COLUMNS } from '../../src/processor/fact-columns'
import { factLine, placeOf, transactionLine } from '../../src/processor/fact-lines'
import { blockId, isoTime } from '../../src/processor/ids'
import {
  MARKET_VERSION_COLUMNS,
  marketVersionRow,
  POSITION_VERSION_COLUMNS,
  PRICE_VERSION_COLUMNS,
  positionVersionRow,
  priceVersionRow,
} from '../../src/processor/state-rows'
import { initialState } from '../../src/protocols/aave-v3/state'
import type { BlockRef, Fact, MarketState } from '../../src/protocols/types'

export const CHAIN_ID = 31337
export const POOL: Hex = `0x${'a1'.padStart(40, '0')}`
export const WETH: Hex = `0x${'e1'.padStart(40, '0')}`
export const USDC: Hex = `0x${'e2'.padStart(40, '0')}`
export const FEEDS: Readonly<Record<Hex, Hex>> = {
  [WETH]: `0x${'f1'.padStart(40, '0')}`,
  [USDC]: `0x${'f2'.padStart(40, '0')}`,
}
const DECIMALS: Readonly<Record<Hex, number>> = { [WETH]: 18, [USDC]: 6 }
const GENESIS_SEC = 1_700_000_000

export const chain: ChainSpec = {
  id: CHAIN_ID,
  name: 'harbor',
  title: 'Harbor',
  kind: 'local',
  finalityDepthBlocks: 12,
  blockTimeSec: 1,
  startBlock: 0,
  transactions: 'all',
  blocks: 'all',
  tokenLogs: 'all',
  scoreEveryBlocks: 5,
  tokens: [
    { address: WETH, symbol: 'WETH', name: 'Wrapped Ether', decimals: 18 },
    { address: USDC, symbol: 'USDC', name: 'USD Coin', decimals: 6 },
  ],
  feeds: [
    { address: FEEDS[WETH]!, asset: WETH, decimals: 8, description: 'ETH / USD' },
    { address: FEEDS[USDC]!, asset: USDC, decimals: 8, description: 'USDC / USD' },
  ],
  contracts: [{ address: POOL, protocol: 'aave-v3', role: 'pool', label: 'Pool', deployedAtBlock: 1 }],
}

/** What happens in one block. Amounts in whole units. */
export interface TestBlock {
  prices?: readonly { asset: Hex; usd: number }[]
  positions?: readonly {
    account: Hex
    asset: Hex
    supply?: number
    debt?: number
    collateral?: boolean
    complete?: boolean
  }[]
  liquidations?: readonly { account: Hex; collateral: number }[]
  transactions?: readonly { from: Hex; to?: Hex; ether: number; status?: number }[]
  /** ERC-20, of verified tokens unless said otherwise. */
  transfers?: readonly { from: Hex; to: Hex; asset: Hex; amount: number; verified?: boolean }[]
  approvals?: readonly { owner: Hex; spender: Hex; asset: Hex; amount: number }[]
  /** Supplies, borrows and so on; facts alone, positions are given apart. */
  lending?: readonly {
    account: Hex
    kind: 'supply' | 'withdraw' | 'borrow' | 'repay'
    asset: Hex
    amount: number
  }[]
}

export function address(n: number): Hex {
  return `0x${n.toString(16).padStart(40, '0')}`
}

export function blockRef(height: number, fork: number): BlockRef {
  const hash = (at: number, branch: number): Hex =>
    `0x${(at * 1_000 + branch + 1).toString(16).padStart(8, '0')}${'0'.repeat(56)}`
  return {
    chainId: CHAIN_ID,
    height,
    hash: hash(height, fork),
    parentHash: hash(height - 1, fork),
    timestampSec: GENESIS_SEC + height,
  }
}

export interface Ledger {
  /**
   * Writes blocks (height of the first, then one after the other) as one batch, after undoing what lies above
   * `rollbackTo`. Blocks of different forks have different hashes.
   */
  write(batch: {
    from: number
    blocks: readonly TestBlock[]
    fork?: number
    rollbackTo?: number
  }): Promise<void>
}

/** Blocks in which nothing happens. */
export function quiet(blocks: number): TestBlock[] {
  return Array.from({ length: blocks }, () => ({}))
}

/** An empty ledger of `chain` whose coverage begins at block `coverageFrom`. */
export async function createLedger(pool: Pool, options: { coverageFrom?: number } = {}): Promise<Ledger> {
  const from = options.coverageFrom ?? 0
  await pool.query(
    `INSERT INTO chain (id, chain_id, name, head_height, head_hash, head_timestamp, finalized_height, finalized_hash, updated_at) VALUES ('31337', $1, 'harbor', -1, '0x', now(), -1, '0x', now())`,
    [CHAIN_ID],
  )
  await pool.query('INSERT INTO chain_writer VALUES ($1, 1)', [CHAIN_ID])
  await pool.query(`INSERT INTO coverage VALUES ('31337:aave-v3:1:0', $1, 'aave-v3', 1, $2, 1000000)`, [
    CHAIN_ID,
    from,
  ])
  for (const token of chain.tokens) {
    await pool.query(
      `INSERT INTO asset (id, chain_id, address, symbol, name, decimals, verified, metadata, first_height)
       VALUES ($1, $2, $3, $4, $5, $6, true, 'known', 0)`,
      [`${CHAIN_ID}:${token.address}`, CHAIN_ID, token.address, token.symbol, token.name, token.decimals],
    )
  }
  let seq = 0
  return {
    write: ({ from: first, blocks, fork = 0, rollbackTo }) =>
      inTransaction(pool, async (tx) => {
        seq++
        if (rollbackTo !== undefined) await undo(tx, rollbackTo)
        for (const [i, block] of blocks.entries()) await writeBlock(tx, blockRef(first + i, fork), block)
        await refreshState(tx)
        const head = blocks.length === 0 ? first - 1 : first + blocks.length - 1
        const finalized = Math.max(-1, head - chain.finalityDepthBlocks)
        const { hash } = blockRef(head, fork)
        await tx.query(
          'INSERT INTO batch (id, chain_id, seq, epoch, from_height, to_height, head_hash, finalized_height, rollback_to, row_count) VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, 0)',
          [`${CHAIN_ID}:${seq}`, CHAIN_ID, seq, first, head, hash, finalized, rollbackTo ?? null],
        )
        await tx.query(
          'UPDATE chain SET head_height = $2, head_hash = $3, finalized_height = greatest(finalized_height, $4) WHERE chain_id = $1',
          [CHAIN_ID, head, hash, finalized],
        )
      }),
  }
}

const VERSIONED = ['position_version', 'market_version', 'price_version']
const BY_HEIGHT = ['block', 'transaction', 'token_transfer', 'token_approval', 'lending_event']

async function undo(tx: PoolClient, height: number): Promise<void> {
  for (const table of BY_HEIGHT) await tx.query(`DELETE FROM "${table}" WHERE height > $1`, [height])
  for (const table of VERSIONED)
    await tx.query(`DELETE FROM "${table}" WHERE valid_from_block > $1`, [height])
}

async function writeBlock(tx: PoolClient, ref: BlockRef, block: TestBlock): Promise<void> {
  const time = isoTime(ref.timestampSec)
  await tx.query('INSERT INTO block VALUES ($1, $2, $3, $4, $5, $6)', [
    blockId(ref),
    CHAIN_ID,
    ref.height,
    ref.hash,
    ref.parentHash,
    time,
  ])
  if (ref.height === 1) {
    const rows = [WETH, USDC].map((asset) => marketVersionRow(CHAIN_ID, 1, reserve(asset)))
    await copyRows(tx, 'market_version', MARKET_VERSION_COLUMNS, rows)
  }
  const prices = (block.prices ?? []).flatMap(({ asset, usd }) => {
    const common = {
      asset,
      answer: BigInt(Math.round(usd * 1e8)),
      decimals: 8,
      updatedAtSec: BigInt(ref.timestampSec),
    }
    return [
      priceVersionRow(CHAIN_ID, ref.height, { ...common, kind: 'protocol', source: FEEDS[asset]! }),
      priceVersionRow(CHAIN_ID, ref.height, { ...common, kind: 'market', source: 'chainlink' }),
    ]
  })
  await copyRows(tx, 'price_version', PRICE_VERSION_COLUMNS, prices)
  const positions = (block.positions ?? []).map((position) =>
    positionVersionRow(CHAIN_ID, ref.height, {
      account: position.account,
      marketId: `${CHAIN_ID}:${POOL}:${position.asset}`,
      protocol: 'aave-v3',
      pool: POOL,
      scaledSupply: units(position.supply ?? 0, position.asset),
      scaledDebt: units(position.debt ?? 0, position.asset),
      collateralEnabled: position.collateral ?? true,
      complete: position.complete ?? true,
    }),
  )
  await copyRows(tx, 'position_version', POSITION_VERSION_COLUMNS, positions)
  await writeFacts(tx, ref, block)
}

async function writeFacts(tx: PoolClient, ref: BlockRef, block: TestBlock): Promise<void> {
  const place = placeOf(ref)
  const txHash = (index: number): Hex => `0x${ref.hash.slice(2, 10)}${index.toString(16).padStart(56, '1')}`
  const transactions = (block.transactions ?? []).map(({ from, to, ether, status = 1 }, txIndex) =>
    transactionLine(place, {
      block: ref,
      txIndex,
      hash: txHash(txIndex),
      from,
      valueWei: units(ether, WETH),
      status,
      ...(to ? { to } : { contractAddress: address(9_000 + txIndex) }),
    }),
  )
  const logOf = (logIndex: number, txNumber: number) => ({
    block: ref,
    logIndex,
    txIndex: 0,
    txHash: txHash(txNumber),
    address: POOL,
    topics: [],
    data: '0x' as Hex,
  })
  const liquidations = (block.liquidations ?? []).map(({ account, collateral }, logIndex) => {
    const fact: Fact = {
      table: 'lending_event',
      subIndex: 0,
      verified: true,
      protocol: 'aave-v3',
      kind: 'liquidation',
      account,
      initiator: address(99),
      pool: POOL,
      asset: USDC,
      amount: 1_000_000n,
      collateralAsset: WETH,
      collateralAmount: units(collateral, WETH),
    }
    return factLine(place, { fact, log: logOf(logIndex, 900 + logIndex), subIndex: 0 })
  })
  await copyLines(tx, 'transaction', TRANSACTION_COLUMNS, transactions)
  await copyLines(tx, 'lending_event', FACT_COLUMNS.lending_event, liquidations)
  for (const [i, fact] of otherFacts(block).entries()) {
    const line = factLine(place, { fact, log: logOf(100 + i, 500 + i), subIndex: 0 })
    await copyLines(tx, fact.table, FACT_COLUMNS[fact.table], [line])
  }
}

function otherFacts(block: TestBlock): Fact[] {
  const transfers = (block.transfers ?? []).map(
    ({ from, to, asset, amount, verified = true }): Fact => ({
      table: 'token_transfer',
      subIndex: 0,
      verified,
      asset,
      from,
      to,
      amount: units(amount, asset),
      tokenId: null,
      standard: 'erc20',
    }),
  )
  const approvals = (block.approvals ?? []).map(
    ({ owner, spender, asset, amount }): Fact => ({
      table: 'token_approval',
      subIndex: 0,
      verified: true,
      asset,
      owner,
      spender,
      amount: units(amount, asset),
      tokenId: null,
      standard: 'erc20',
    }),
  )
  const lending = (block.lending ?? []).map(
    ({ account, kind, asset, amount }): Fact => ({
      table: 'lending_event',
      subIndex: 0,
      verified: true,
      protocol: 'aave-v3',
      kind,
      account,
      initiator: account,
      pool: POOL,
      asset,
      amount: units(amount, asset),
      collateralAsset: null,
      collateralAmount: null,
    }),
  )
  return [...transfers, ...approvals, ...lending]
}

/** Current rows are the newest versions. */
async function refreshState(tx: PoolClient): Promise<void> {
  await tx.query('DELETE FROM position')
  await tx.query(`INSERT INTO position SELECT DISTINCT ON (position_id) position_id, account_id, chain_id, market_id, protocol,
    pool, scaled_supply, scaled_debt, collateral_enabled, complete, valid_from_block
    FROM position_version ORDER BY position_id, valid_from_block DESC`)
  await tx.query('DELETE FROM price')
  await tx.query(`INSERT INTO price SELECT DISTINCT ON (price_id) price_id, chain_id, asset_id, kind, source, answer, decimals,
    updated_at, valid_from_block FROM price_version ORDER BY price_id, valid_from_block DESC`)
  await tx.query('DELETE FROM market')
  await tx.query(
    `INSERT INTO market SELECT DISTINCT ON (market_id) market_id, chain_id, 'aave-v3', 'reserve', $1, revision,
     $2 || split_part(market_id, ':', 3), NULL, state, complete, valid_from_block
     FROM market_version ORDER BY market_id, valid_from_block DESC`,
    [POOL, `${CHAIN_ID}:`],
  )
}

export function reserve(asset: Hex, complete = true): MarketState {
  const id = `${CHAIN_ID}:${POOL}:${asset}`
  const market = initialState({
    id,
    protocol: 'aave-v3',
    base: null,
    pool: POOL,
    asset,
    revision: 1,
    decimals: DECIMALS[asset]!,
    complete,
  })
  return {
    ...market,
    state: {
      ...market.state,
      listed: true,
      priceFeed: FEEDS[asset]!,
      lastUpdateSec: GENESIS_SEC + 1,
      variableBorrowRateRay: (5n * 10n ** 25n).toString(),
      ltvBps: 8_000,
      liquidationThresholdBps: 8_250,
      liquidationBonusBps: 10_500,
      borrowingEnabled: true,
    },
  }
}

function units(whole: number, asset: Hex): bigint {
  return (BigInt(Math.round(whole * 1e6)) * 10n ** BigInt(DECIMALS[asset]!)) / 1_000_000n
}
