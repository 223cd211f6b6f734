/**
 * Balances of listed tokens, from their transfers.
 *
 * Final blocks add what they changed in one statement, without reading. Hot blocks may be undone, so each leaves the old
 * image of every balance it changed. The zero address holds nothing: it is where tokens come from and go to.
 */
import type { ChainSpec, Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import type { BatchTx } from './batch'
import type { DecodedBlock } from './decode'
import { accountId, assetId } from './ids'
import type { Image } from './state-rows'
import { type JournalEntry, upsertState } from './state-write'

const ZERO = `0x${'0'.repeat(40)}`

interface Holding {
  account: Hex
  asset: Hex
}

/** Change of one balance, in base units. */
interface Change extends Holding {
  delta: bigint
}

type Changes = Map<string, Change>

/** Adds up what the transfers of a block did to each (asset, account), on top of `changes`. */
function addTransfers(changes: Changes, block: DecodedBlock, tokens: ReadonlySet<Hex>): void {
  const add = (asset: Hex, account: Hex, delta: bigint): void => {
    if (account === ZERO) return
    const key = `${account}:${asset}`
    const known = changes.get(key)
    if (known === undefined) changes.set(key, { account, asset, delta })
    else known.delta += delta
  }
  for (const { fact } of block.facts) {
    if (fact.table !== 'token_transfer' || fact.standard !== 'erc20' || !tokens.has(fact.asset)) continue
    add(fact.asset, fact.from, -fact.amount)
    add(fact.asset, fact.to, fact.amount)
  }
}

const rowId = (chainId: number, { account, asset }: Holding): string => `${chainId}:${account}:${asset}`

function image(chainId: number, { account, asset }: Holding, balance: bigint): Image {
  return {
    id: rowId(chainId, { account, asset }),
    account_id: accountId(chainId, account),
    chain_id: chainId,
    asset_id: assetId(chainId, asset),
    balance: balance.toString(),
  }
}

async function addFinal(tx: PoolClient, chainId: number, changes: Changes): Promise<void> {
  if (changes.size === 0) return
  const list = [...changes.values()]
  await tx.query(
    `INSERT INTO token_balance (id, account_id, chain_id, asset_id, balance)
     SELECT i, a, $1, s, d FROM unnest($2::text[], $3::text[], $4::text[], $5::numeric[]) AS c (i, a, s, d)
     ON CONFLICT (account_id, chain_id, asset_id) DO UPDATE SET balance = token_balance.balance + EXCLUDED.balance`,
    [
      chainId,
      list.map((change) => rowId(chainId, change)),
      list.map((change) => accountId(chainId, change.account)),
      list.map((change) => assetId(chainId, change.asset)),
      list.map((change) => change.delta.toString()),
    ],
  )
}

/** Balances that have a row, by `account:asset`. */
async function load(
  tx: PoolClient,
  chainId: number,
  wanted: readonly Holding[],
): Promise<Map<string, bigint>> {
  const { rows } = await tx.query<{ i: string; balance: string }>(
    `SELECT k.i, b.balance FROM unnest($2::text[], $3::text[], $4::text[]) AS k (i, a, s)
     JOIN token_balance b ON b.account_id = k.a AND b.chain_id = $1 AND b.asset_id = k.s`,
    [
      chainId,
      wanted.map(({ account, asset }) => `${account}:${asset}`),
      wanted.map(({ account }) => accountId(chainId, account)),
      wanted.map(({ asset }) => assetId(chainId, asset)),
    ],
  )
  return new Map(rows.map(({ i, balance }) => [i, BigInt(balance)]))
}

/**
 * Writes the balances that a batch changed.
 * @returns old images of what each hot block changed
 */
export async function writeBalances(
  batch: BatchTx,
  blocks: readonly DecodedBlock[],
): Promise<JournalEntry[]> {
  const { tx, chain } = batch
  const tokens = listedTokens(chain)
  const all: Changes = new Map()
  const perBlock = blocks.map((block) => {
    const own: Changes = new Map()
    addTransfers(batch.mayBeUndone(block.ref.height) ? own : all, block, tokens)
    return own
  })
  await addFinal(tx, chain.id, all)
  const hot = perBlock.flatMap((changes) => [...changes.values()])
  if (hot.length === 0) return []

  const balances = await load(tx, chain.id, hot)
  const journal: JournalEntry[] = []
  const images = new Map<string, Image>()
  perBlock.forEach((changes, i) => {
    for (const [key, change] of changes) {
      const before = balances.get(key)
      const old = before === undefined ? null : image(chain.id, change, before)
      const after = (before ?? 0n) + change.delta
      const row = image(chain.id, change, after)
      journal.push({ height: blocks[i]!.ref.height, table: 'token_balance', row, old })
      balances.set(key, after)
      images.set(key, row)
    }
  })
  await upsertState(tx, 'token_balance', [...images.values()])
  return journal
}

function listedTokens(chain: ChainSpec): ReadonlySet<Hex> {
  return new Set(chain.tokens.map(({ address }) => address))
}
