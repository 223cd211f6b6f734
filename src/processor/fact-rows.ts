/** Facts and transactions as rows: columns for COPY, ids, and one account event for each account and role. */
import type { Hex } from '../chains/types'
import type { BlockRef, Fact, FactTable, RawLog, RawTransaction } from '../protocols/types'
import type { DecodedFact } from './decode'
import { FACT_KIND } from './fact-columns'
import { accountId, assetId, blockId, isoTime } from './ids'
import { escapeRecord } from './text'

export type Row = readonly unknown[]

const MAX_DETAIL_CHARS = 256

/** An account's part in a fact. */
export interface Role {
  account: Hex
  role: string
  counterparty?: Hex | null
  asset?: Hex | null
  amount?: bigint
}

type Values = readonly unknown[]
type Of<T extends FactTable> = Extract<Fact, { table: T }>

interface Shape {
  values: Values
  roles: Role[]
}

function pair(
  a: { account: Hex; role: string },
  b: { account: Hex; role: string },
  rest: Partial<Role>,
): Role[] {
  return [
    { ...a, ...rest, counterparty: b.account },
    { ...b, ...rest, counterparty: a.account },
  ]
}

function lending(chainId: number, fact: Of<'lending_event'>): Shape {
  const market = fact.pool === null ? null : `${chainId}:${fact.pool}:${fact.marketSuffix ?? fact.asset}`
  const collateral = fact.collateralAsset === null ? null : assetId(chainId, fact.collateralAsset)
  const values = [
    fact.protocol,
    fact.kind,
    accountId(chainId, fact.account),
    accountId(chainId, fact.initiator),
  ]
  return {
    values: [...values, market, assetId(chainId, fact.asset), fact.amount, collateral, fact.collateralAmount],
    roles: pair(
      { account: fact.account, role: 'account' },
      { account: fact.initiator, role: 'initiator' },
      { asset: fact.asset, amount: fact.amount },
    ),
  }
}

function swap(chainId: number, fact: Of<'swap'>): Shape {
  const parties = [fact.pool, fact.sender, fact.recipient].map((address) => accountId(chainId, address))
  const { amount0, amount1, sqrtPriceX96, liquidity, tick } = fact
  return {
    values: [fact.protocol, ...parties, amount0, amount1, sqrtPriceX96, liquidity, tick],
    roles: [
      { account: fact.pool, role: 'pool', counterparty: fact.recipient },
      { account: fact.sender, role: 'sender', counterparty: fact.pool },
      { account: fact.recipient, role: 'recipient', counterparty: fact.pool },
    ],
  }
}

function token(
  chainId: number,
  { asset, amount, tokenId, standard }: Of<'token_transfer' | 'token_approval'>,
  [first, firstRole]: [account: Hex, role: string],
  [second, secondRole]: [account: Hex, role: string],
): Shape {
  const parties = [accountId(chainId, first), accountId(chainId, second)]
  return {
    values: [assetId(chainId, asset), ...parties, amount, tokenId, standard],
    roles: pair(
      { account: first, role: firstRole },
      { account: second, role: secondRole },
      { asset, amount },
    ),
  }
}

function flashLoan(chainId: number, fact: Of<'flash_loan'>): Shape {
  const { asset, amount, initiator, receiver, premium } = fact
  const parties = [accountId(chainId, initiator), accountId(chainId, receiver)]
  return {
    values: [fact.protocol, ...parties, assetId(chainId, asset), amount, premium],
    roles: pair(
      { account: initiator, role: 'initiator' },
      { account: receiver, role: 'receiver' },
      { asset, amount },
    ),
  }
}

function shape(chainId: number, fact: Fact): Shape {
  const account = (address: Hex): string => accountId(chainId, address)
  switch (fact.table) {
    case 'token_transfer':
      return token(chainId, fact, [fact.from, 'from'], [fact.to, 'to'])
    case 'token_approval':
      return token(chainId, fact, [fact.owner, 'owner'], [fact.spender, 'spender'])
    case 'lending_event':
      return lending(chainId, fact)
    case 'swap':
      return swap(chainId, fact)
    case 'price_update': {
      const asset = fact.asset === null ? null : assetId(chainId, fact.asset)
      const { source, answer, decimals, roundId } = fact
      return {
        values: [source, account(fact.feed), asset, answer, decimals, roundId, isoTime(fact.updatedAtSec)],
        roles: [{ account: fact.feed, role: 'feed', asset: fact.asset, amount: answer }],
      }
    }
    case 'flash_loan':
      return flashLoan(chainId, fact)
    case 'admin_action': {
      const roles: Role[] = [{ account: fact.target, role: 'target', counterparty: fact.actor }]
      if (fact.actor) roles.push({ account: fact.actor, role: 'actor', counterparty: fact.target })
      const detail = escapeRecord(fact.detail, MAX_DETAIL_CHARS)
      return { values: [fact.kind, account(fact.target), fact.actor && account(fact.actor), detail], roles }
    }
    case 'bridge_transfer': {
      const { asset, amount } = fact
      return {
        values: [
          fact.bridge,
          fact.direction,
          account(fact.account),
          assetId(chainId, asset),
          amount,
          fact.remoteChainId,
        ],
        roles: [{ account: fact.account, role: 'account', asset, amount }],
      }
    }
  }
}

/** The parts that accounts have in a fact or transaction; `eventLines` makes their rows when they are written. */
export interface AccountEvents {
  place: Place
  roles: readonly Role[]
}

export interface FactRows {
  row: Row
  events: AccountEvents
}

interface Place {
  id: string
  block: BlockRef
  kind: string
  index: number
  subIndex: number
  time: string
  verified: boolean
}

/** Rows of `account_event` in COPY's text format. Everything in them is hex, decimal or a word of our own. */
export function* eventLines(all: Iterable<AccountEvents>): Iterable<string> {
  for (const { place, roles } of all) {
    const { block, kind, index, subIndex, id } = place
    const { chainId, height, hash } = block
    for (const { account, role, counterparty, asset, amount } of roles) {
      const who = `${id}:${kind}:${role}\t${chainId}:${account}\t${chainId}\t${height}\t${kind}\t${index}\t${subIndex}\t${role}`
      const where = `${hash}\t${place.time}\t${id}\t${place.verified ? 't' : 'f'}`
      const what = `${counterparty ?? '\\N'}\t${asset ? `${chainId}:${asset}` : '\\N'}\t${amount ?? '\\N'}`
      yield `${who}\t${where}\t${what}`
    }
  }
}

/** A fact's row in its table, and what accounts have to do with it. */
export function factRows({ fact, log, subIndex }: DecodedFact, time: string): FactRows {
  const { block, logIndex, txHash } = log
  const id = `${blockId(block)}:${logIndex}:${subIndex}`
  const { values, roles } = shape(block.chainId, fact)
  const kind = FACT_KIND[fact.table]
  return {
    row: [
      id,
      block.chainId,
      block.height,
      logIndex,
      subIndex,
      block.hash,
      time,
      txHash,
      fact.verified,
      ...values,
    ],
    events: { place: { id, block, kind, index: logIndex, subIndex, time, verified: fact.verified }, roles },
  }
}

/** A transaction's row, and what accounts have to do with it. */
export function transactionRows(tx: RawTransaction, time: string): FactRows {
  const { block } = tx
  const id = `${blockId(block)}:${tx.txIndex}`
  const roles: Role[] = [
    {
      account: tx.from,
      role: 'from',
      counterparty: tx.to ?? tx.contractAddress ?? null,
      amount: tx.valueWei,
    },
  ]
  if (tx.to) roles.push({ account: tx.to, role: 'to', counterparty: tx.from, amount: tx.valueWei })
  const created = tx.contractAddress
  if (created) roles.push({ account: created, role: 'created', counterparty: tx.from, amount: tx.valueWei })
  const account = (address: Hex | undefined): string | null =>
    address === undefined ? null : accountId(block.chainId, address)
  const row = [
    id,
    block.chainId,
    block.height,
    tx.txIndex,
    block.hash,
    time,
    tx.hash,
    account(tx.from),
    account(tx.to),
    account(created),
    tx.valueWei,
    tx.gasUsed ?? null,
    tx.status ?? null,
    tx.input && tx.input.length >= 10 ? tx.input.slice(0, 10) : null,
    tx.nonce ?? null,
  ]
  const place = { id, block, kind: 'transaction', index: tx.txIndex, subIndex: 0, time, verified: true }
  return { row, events: { place, roles } }
}

/** Row of a log that could not be decoded. Long data is cut. */
export function quarantineRow(log: RawLog, reason: string, maxDataChars = 2_050): Row {
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
