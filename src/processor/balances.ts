/**
 * Balances of listed tokens, from their transfers.
 *
 * Final blocks add what they changed in one statement, without reading. Hot blocks may be undone, so each leaves the old
 * image of every balance it changed. The zero address holds nothing: it is where tokens come from and go to.
 */
import type { ChainSpec, Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import type { DecodedBlock } from './decode'
import { accountId, assetId } from './ids'
import type { Image } from './state-rows'
import { type JournalEntry, upsertState } from './state-write'

const ZERO: Hex = `0x${'0'.repeat(40)}`

/** Base units by asset and account: changes, or balances. */
type Amounts = Map<Hex, Map<Hex, bigint>>

export interface BalanceWriter {
  /** Takes the transfers of a block. Blocks come in order. */
  add(block: DecodedBlock): void
  /** Writes the balances that changed. @returns old images of what each hot block changed */
  write(tx: PoolClient): Promise<JournalEntry[]>
}

function addTransfers(amounts: Amounts, { facts }: DecodedBlock): void {
  for (const { fact } of facts) {
    if (fact.table !== 'token_transfer' || fact.standard !== 'erc20') continue
    const held = amounts.get(fact.asset)
    if (held === undefined) continue
    if (fact.from !== ZERO) held.set(fact.from, (held.get(fact.from) ?? 0n) - fact.amount)
    if (fact.to !== ZERO) held.set(fact.to, (held.get(fact.to) ?? 0n) + fact.amount)
  }
}

function rowOf(chainId: number, asset: Hex, account: Hex, balance: bigint): Image {
  return {
    id: `${chainId}:${account}:${asset}`,
    account_id: accountId(chainId, account),
    chain_id: chainId,
    asset_id: assetId(chainId, asset),
    balance: balance.toString(),
  }
}

/** An array literal of PostgreSQL; addresses and decimals need no quotes. */
function arrayOf(values: Iterable<string | bigint>): string {
  return `{${[...values].join(',')}}`
}

async function addFinal(tx: PoolClient, chainId: number, changes: Amounts): Promise<void> {
  for (const [asset, held] of changes) {
    if (held.size === 0) continue
    await tx.query(
      `INSERT INTO token_balance (id, account_id, chain_id, asset_id, balance)
       SELECT $1::bigint || ':' || a || ':' || $2::text, $1::bigint || ':' || a, $1, $1::bigint || ':' || $2::text, d
       FROM unnest($3::text[], $4::numeric[]) AS c (a, d)
       ON CONFLICT (account_id, chain_id, asset_id) DO UPDATE SET balance = token_balance.balance + EXCLUDED.balance`,
      [chainId, asset, arrayOf(held.keys()), arrayOf(held.values())],
    )
  }
}

/** Balances that have a row. */
async function load(tx: PoolClient, chainId: number, wanted: readonly Amounts[]): Promise<Amounts> {
  const pairs = wanted.flatMap((amounts) =>
    [...amounts].flatMap(([asset, held]) => [...held.keys()].map((account) => ({ asset, account }))),
  )
  const { rows } = await tx.query<{ asset: Hex; account: Hex; balance: string }>(
    `SELECT k.s AS asset, k.a AS account, b.balance
     FROM (SELECT DISTINCT s, a FROM unnest($2::text[], $3::text[]) AS n (s, a)) AS k
     JOIN token_balance b ON b.account_id = $1::bigint || ':' || k.a AND b.chain_id = $1
       AND b.asset_id = $1::bigint || ':' || k.s`,
    [chainId, arrayOf(pairs.map(({ asset }) => asset)), arrayOf(pairs.map(({ account }) => account))],
  )
  const found: Amounts = new Map()
  for (const { asset, account, balance } of rows) {
    const held = found.get(asset) ?? new Map<Hex, bigint>()
    found.set(asset, held.set(account, BigInt(balance)))
  }
  return found
}

/** A writer for one attempt at a batch. */
export function createBalanceWriter(
  chain: ChainSpec,
  mayBeUndone: (height: number) => boolean,
): BalanceWriter {
  const nothing = (): Amounts => new Map(chain.tokens.map(({ address }) => [address, new Map<Hex, bigint>()]))
  const final = nothing()
  const hot: { height: number; changes: Amounts }[] = []

  async function writeHot(tx: PoolClient): Promise<JournalEntry[]> {
    const balances = await load(
      tx,
      chain.id,
      hot.map(({ changes }) => changes),
    )
    const journal: JournalEntry[] = []
    const images = new Map<unknown, Image>()
    for (const { height, changes } of hot) {
      for (const [asset, held] of changes) {
        const known = balances.get(asset) ?? new Map<Hex, bigint>()
        balances.set(asset, known)
        for (const [account, change] of held) {
          const before = known.get(account)
          const old = before === undefined ? null : rowOf(chain.id, asset, account, before)
          const row = rowOf(chain.id, asset, account, (before ?? 0n) + change)
          known.set(account, (before ?? 0n) + change)
          journal.push({ height, table: 'token_balance', row, old })
          images.set(row.id, row)
        }
      }
    }
    await upsertState(tx, 'token_balance', [...images.values()])
    return journal
  }

  return {
    add(block) {
      const { height } = block.ref
      if (!mayBeUndone(height)) return addTransfers(final, block)
      const changes = nothing()
      addTransfers(changes, block)
      if ([...changes.values()].some((held) => held.size > 0)) hot.push({ height, changes })
    },
    async write(tx) {
      await addFinal(tx, chain.id, final)
      return hot.length === 0 ? [] : writeHot(tx)
    },
  }
}
