/** Reads what fact detectors judge: verified facts of a range of blocks, with prices and spends that reach back. */
import type { ChainSpec, Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { SPEND_LOOKBACK_BLOCKS } from '../detectors/approval-drain'
import { priceLookbackBlocks } from '../detectors/price-shock'
import type { FactRef, FactsView, MarketSwitchFact } from '../detectors/types'
import { readPriceLine } from '../prices/read'
import { readMarketLine } from '../prices/read-market'

/** Most blocks of one range, so that no price has more versions in it than are read at once. */
export const MAX_RANGE_BLOCKS = 200
const MAX_PRICE_VERSIONS = 8_192

type Cell = string | number | boolean | null
type Row = Record<string, Cell>

/** Facts of the blocks (fromHeight, toHeight]; at most MAX_RANGE_BLOCKS blocks. */
export async function readFacts(
  tx: PoolClient,
  chain: ChainSpec,
  { fromHeight, toHeight }: { fromHeight: number; toHeight: number },
): Promise<FactsView> {
  const rows = async (query: string, from = fromHeight) =>
    (await tx.query<Row>(sql(query), [chain.id, from, toHeight])).rows
  const liquidations = await rows('scorer-liquidations')
  const adminActions = await tx.query<Row & { detail: Record<string, string> }>(sql('scorer-admin-actions'), [
    chain.id,
    fromHeight,
    toHeight,
  ])
  const flashLoans = await rows('scorer-flash-loans')
  const swaps = flashLoans.length === 0 ? [] : await rows('scorer-flash-swaps')
  const spends = await rows('scorer-spends', fromHeight - SPEND_LOOKBACK_BLOCKS)
  const marketSwitches = await readMarketSwitches(tx, chain, { fromHeight, toHeight })
  const blocks = await rows('scorer-blocks')
  const assets = await tx.query<{ id: string; symbol: string | null; decimals: number | null }>(
    sql('scorer-assets'),
    [chain.id],
  )
  return {
    chain,
    fromHeight,
    toHeight,
    liquidations: liquidations.map((row) => ({
      ...refOf(row),
      protocol: text(row.protocol),
      accountId: text(row.account_id),
      liquidatorId: text(row.initiator_id),
      marketId: textOrNull(row.market_id),
      debtAssetId: text(row.asset_id),
      debtAmount: amount(row.amount),
      collateralAssetId: textOrNull(row.collateral_asset_id),
      collateralAmount: textOrNull(row.collateral_amount) === null ? null : amount(row.collateral_amount),
    })),
    adminActions: adminActions.rows.map((row) => ({
      ...refOf(row),
      kind: text(row.kind),
      targetId: text(row.target_id),
      actorId: textOrNull(row.actor_id),
      detail: row.detail,
    })),
    flashLoans: flashLoans.map((row) => ({
      ...refOf(row),
      protocol: text(row.protocol),
      initiatorId: text(row.initiator_id),
      receiverId: text(row.receiver_id),
      assetId: text(row.asset_id),
      amount: amount(row.amount),
    })),
    swaps: swaps.map((row) => ({
      ...refOf(row),
      protocol: text(row.protocol),
      poolId: text(row.pool_id),
      recipientId: text(row.recipient_id),
      amount0: amount(row.amount0),
      amount1: amount(row.amount1),
    })),
    spends: spends.map((row) => ({
      ...refOf(row),
      assetId: text(row.asset_id),
      ownerId: text(row.from_id),
      toId: text(row.to_id),
      amount: amount(row.amount),
      senderId: text(row.sender_id),
    })),
    marketSwitches,
    prices: await readPriceLine(tx, {
      chainId: chain.id,
      fromHeight: Math.max(0, fromHeight - priceLookbackBlocks(chain.blockTimeSec)),
      toHeight,
      maxVersions: MAX_PRICE_VERSIONS,
      believed: believedSource(chain),
    }),
    market: await readMarketLine(tx, {
      chain,
      fromHeight: Math.max(0, fromHeight - SPEND_LOOKBACK_BLOCKS),
      toHeight,
    }),
    blocks: new Map(
      blocks.map((row) => [
        Number(row.height),
        { hash: text(row.hash) as Hex, timestampSec: Number(row.timestamp_sec) },
      ]),
    ),
    assets: new Map(assets.rows.map((row) => [row.id, { symbol: row.symbol, decimals: row.decimals }])),
  }
}

async function readMarketSwitches(
  tx: PoolClient,
  chain: ChainSpec,
  { fromHeight, toHeight }: { fromHeight: number; toHeight: number },
): Promise<MarketSwitchFact[]> {
  const result = await tx.query<Row & { paused: boolean; frozen: boolean }>(sql('scorer-market-switches'), [
    chain.id,
    fromHeight,
    toHeight,
  ])
  return result.rows.flatMap((row) => {
    const common = {
      marketId: text(row.market_id),
      protocol: text(row.protocol),
      pool: text(row.pool) as Hex,
      assetId: text(row.asset_id),
      height: Number(row.height),
      blockHash: text(row.block_hash) as Hex,
      timestampSec: Number(row.timestamp_sec),
    }
    return (['paused', 'frozen'] as const).filter((what) => row[what]).map((what) => ({ ...common, what }))
  })
}

/**
 * Sources whose moves are worth an alert: contracts that the chain file lists. Anybody may make a lending market with an
 * oracle of their own, and move that as they like.
 */
function believedSource({ feeds, contracts }: ChainSpec): (source: string) => boolean {
  const listed = new Set<string>([...feeds, ...contracts].map(({ address }) => address))
  return (source) => listed.has(source.slice(source.lastIndexOf(':') + 1))
}

function refOf(row: Row): FactRef {
  return {
    id: text(row.id),
    height: Number(row.height),
    blockHash: text(row.block_hash) as Hex,
    timestampSec: Number(row.timestamp_sec),
    txHash: text(row.tx_hash) as Hex,
    logIndex: Number(row.log_index),
    subIndex: Number(row.sub_index),
  }
}

function text(cell: Cell | undefined): string {
  return String(cell)
}

function textOrNull(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell)
}

function amount(cell: Cell | undefined): bigint {
  return BigInt(String(cell ?? 0))
}
