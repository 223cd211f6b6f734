/** Gateway v2 queries: their shape, and which logs and transactions of a block they select. */
import { z } from 'zod'
import type { CaptureBlock, CaptureLog, CaptureTransaction } from './capture'

const strings = z.array(z.string().toLowerCase()).optional()

const logRequest = z.object({
  address: strings,
  topic0: strings,
  topic1: strings,
  topic2: strings,
  topic3: strings,
  transaction: z.boolean().optional(),
  transactionLogs: z.boolean().optional(),
})

const transactionRequest = z.object({
  to: strings,
  from: strings,
  sighash: strings,
  logs: z.boolean().optional(),
})

const querySchema = z.object({
  fromBlock: z.number().int().nonnegative(),
  toBlock: z.number().int().nonnegative().optional(),
  includeAllBlocks: z.boolean().optional(),
  logs: z.array(logRequest).optional(),
  transactions: z.array(transactionRequest).optional(),
  fields: z.object({ transaction: z.object({ input: z.boolean().optional() }).optional() }).optional(),
})

export interface GatewayQuery extends z.infer<typeof querySchema> {
  /** The same filters as sets, made once a query. */
  compiled: { logs: CompiledLog[]; transactions: CompiledTransaction[] }
}

type Wanted = ReadonlySet<string> | undefined

interface CompiledLog {
  address: Wanted
  topics: readonly Wanted[]
  transaction: boolean
  transactionLogs: boolean
}

interface CompiledTransaction {
  to: Wanted
  from: Wanted
  sighash: Wanted
  logs: boolean
}

/** An absent list asks for anything, an empty one for nothing. */
function wanted(list: string[] | undefined): Wanted {
  return list === undefined ? undefined : new Set(list)
}

/** Reads a query's JSON. Throws what zod or JSON.parse throws. */
export function parseQuery(text: string): GatewayQuery {
  const query = querySchema.parse(JSON.parse(text))
  const logs = (query.logs ?? []).map((request) => ({
    address: wanted(request.address),
    topics: [request.topic0, request.topic1, request.topic2, request.topic3].map(wanted),
    transaction: request.transaction ?? false,
    transactionLogs: request.transactionLogs ?? false,
  }))
  const transactions = (query.transactions ?? []).map((request) => ({
    to: wanted(request.to),
    from: wanted(request.from),
    sighash: wanted(request.sighash),
    logs: request.logs ?? false,
  }))
  return { ...query, compiled: { logs, transactions } }
}

function accepts(set: Wanted, value: string | undefined): boolean {
  return set === undefined || (value !== undefined && set.has(value))
}

function logMatches(log: CaptureLog, request: CompiledLog): boolean {
  return (
    accepts(request.address, log.address) && request.topics.every((set, i) => accepts(set, log.topics[i]))
  )
}

function transactionMatches(tx: CaptureTransaction, request: CompiledTransaction): boolean {
  return (
    accepts(request.to, tx.to) &&
    accepts(request.from, tx.from) &&
    accepts(request.sighash, tx.input.slice(0, 10))
  )
}

/** Logs and transactions of a block that a query selects, in order. */
export function selectItems(
  block: CaptureBlock,
  query: GatewayQuery,
): { logs: CaptureLog[]; transactions: CaptureTransaction[] } {
  const logs = new Set<CaptureLog>()
  const wholeTransactions = new Set<number>()
  const transactions = new Set<number>()
  for (const log of block.logs) {
    for (const request of query.compiled.logs) {
      if (!logMatches(log, request)) continue
      logs.add(log)
      if (request.transaction) transactions.add(log.transactionIndex)
      if (request.transactionLogs) wholeTransactions.add(log.transactionIndex)
    }
  }
  for (const tx of block.transactions) {
    for (const request of query.compiled.transactions) {
      if (!transactionMatches(tx, request)) continue
      transactions.add(tx.transactionIndex)
      if (request.logs) wholeTransactions.add(tx.transactionIndex)
    }
  }
  return {
    logs: block.logs.filter((log) => logs.has(log) || wholeTransactions.has(log.transactionIndex)),
    transactions: block.transactions.filter((tx) => transactions.has(tx.transactionIndex)),
  }
}
