/**
 * Facts and transactions as lines of PostgreSQL's COPY text format, and the accounts that have a part in each.
 *
 * Lines are built from hex, decimals and words of our own, none of which needs an escape; what may hold anything (the
 * detail of an admin action) is escaped. The parts of a line that are the same for a whole block are made once a block.
 */
import type { Hex } from '../chains/types'
import { copyField } from '../db/pool'
import type { BlockRef, Fact, RawLog, RawTransaction } from '../protocols/types'
import type { DecodedFact } from './decode'
import { blockId, isoTime } from './ids'
import { escapeRecord } from './text'

const MAX_DETAIL_CHARS = 256
const NULL = '\\N'

/** What the lines of one block share. */
export interface Place {
  /** `1:17686110:0x310a2806`. */
  id: string
  /** `1:`, in front of an address. */
  chain: string
  /** chain id and height. */
  where: string
  /** block hash and time. */
  when: string
  time: string
}

export function placeOf(block: BlockRef): Place {
  const time = isoTime(block.timestampSec)
  return {
    id: blockId(block),
    chain: `${block.chainId}:`,
    where: `${block.chainId}\t${block.height}`,
    when: `${block.hash}\t${time}`,
    time,
  }
}

/** A fact's line for its table, in the order of `FACT_COLUMNS`. */
export function factLine({ id, chain, where, when }: Place, { fact, log, subIndex }: DecodedFact): string {
  const at = `${log.logIndex}:${subIndex}`
  const common = `${id}:${at}\t${where}\t${log.logIndex}\t${subIndex}\t${when}\t${log.txHash}`
  return `${common}\t${fact.verified ? 't' : 'f'}\t${values(chain, fact)}`
}

function values(chain: string, fact: Fact): string {
  switch (fact.table) {
    case 'token_transfer':
      return `${chain}${fact.asset}\t${chain}${fact.from}\t${chain}${fact.to}\t${fact.amount}\t${fact.tokenId ?? NULL}\t${fact.standard}`
    case 'token_approval':
      return `${chain}${fact.asset}\t${chain}${fact.owner}\t${chain}${fact.spender}\t${fact.amount}\t${fact.tokenId ?? NULL}\t${fact.standard}`
    case 'lending_event':
      return lending(chain, fact)
    case 'swap': {
      const { protocol, pool, sender, recipient, amount0, amount1, sqrtPriceX96, liquidity, tick } = fact
      const parties = `${chain}${pool}\t${chain}${sender}\t${chain}${recipient}`
      return `${protocol}\t${parties}\t${amount0}\t${amount1}\t${sqrtPriceX96 ?? NULL}\t${liquidity ?? NULL}\t${tick ?? NULL}`
    }
    case 'price_update': {
      const { source, feed, asset, answer, decimals, roundId, updatedAtSec } = fact
      const what = `${chain}${feed}\t${prefixed(chain, asset)}\t${answer}\t${decimals ?? NULL}\t${roundId}`
      return `${source}\t${what}\t${isoTime(updatedAtSec)}`
    }
    case 'flash_loan':
      return `${fact.protocol}\t${chain}${fact.initiator}\t${chain}${fact.receiver}\t${chain}${fact.asset}\t${fact.amount}\t${fact.premium}`
    case 'admin_action': {
      const detail = copyField(escapeRecord(fact.detail, MAX_DETAIL_CHARS))
      return `${fact.kind}\t${chain}${fact.target}\t${prefixed(chain, fact.actor)}\t${detail}`
    }
    case 'bridge_transfer':
      return `${fact.bridge}\t${fact.direction}\t${chain}${fact.account}\t${chain}${fact.asset}\t${fact.amount}\t${fact.remoteChainId ?? NULL}`
  }
}

function lending(chain: string, fact: Extract<Fact, { table: 'lending_event' }>): string {
  const market = fact.pool === null ? NULL : `${chain}${fact.pool}:${fact.marketSuffix ?? fact.asset}`
  const parties = `${fact.protocol}\t${fact.kind}\t${chain}${fact.account}\t${chain}${fact.initiator}`
  const seized = `${prefixed(chain, fact.collateralAsset)}\t${fact.collateralAmount ?? NULL}`
  return `${parties}\t${market}\t${chain}${fact.asset}\t${fact.amount}\t${seized}`
}

function prefixed(chain: string, address: Hex | null | undefined): string {
  return address === null || address === undefined ? NULL : `${chain}${address}`
}

/** Accounts with a part in a fact: those that the view `account_event` names. */
export function partiesOf(fact: Fact): readonly Hex[] {
  switch (fact.table) {
    case 'token_transfer':
      return [fact.from, fact.to]
    case 'token_approval':
      return [fact.owner, fact.spender]
    case 'lending_event':
      return [fact.account, fact.initiator]
    case 'swap':
      return [fact.pool, fact.sender, fact.recipient]
    case 'price_update':
      return [fact.feed]
    case 'flash_loan':
      return [fact.initiator, fact.receiver]
    case 'admin_action':
      return fact.actor === null ? [fact.target] : [fact.target, fact.actor]
    case 'bridge_transfer':
      return [fact.account]
  }
}

/** A transaction's line, in the order of `TRANSACTION_COLUMNS`. */
export function transactionLine({ id, chain, where, when }: Place, tx: RawTransaction): string {
  const method = tx.input !== undefined && tx.input.length >= 10 ? tx.input.slice(0, 10) : NULL
  const parties = `${chain}${tx.from}\t${prefixed(chain, tx.to)}\t${prefixed(chain, tx.contractAddress)}`
  const outcome = `${tx.gasUsed ?? NULL}\t${tx.status ?? NULL}\t${method}\t${tx.nonce ?? NULL}`
  return `${id}:${tx.txIndex}\t${where}\t${tx.txIndex}\t${when}\t${tx.hash}\t${parties}\t${tx.valueWei}\t${outcome}`
}

/** Accounts with a part in a transaction. */
export function partiesOfTransaction({ from, to, contractAddress }: RawTransaction): readonly Hex[] {
  return [from, to, contractAddress].filter((address) => address !== undefined)
}

/** Row of a log that could not be decoded. Long data is cut. */
export function quarantineRow(log: RawLog, reason: string, maxDataChars = 2_050): readonly unknown[] {
  const { block, logIndex, txHash, address, topics } = log
  const data = log.data.length > maxDataChars ? `${log.data.slice(0, maxDataChars)}…` : log.data
  return [
    `${blockId(block)}:${logIndex}`,
    block.chainId,
    block.height,
    logIndex,
    block.hash,
    txHash,
    address,
    topics[0] ?? null,
    reason,
    data,
  ]
}
