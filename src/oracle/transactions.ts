/**
 * From signed report to applied report, across crashes.
 *
 * A transaction is signed, kept with its raw bytes, and only then sent. Whatever kills the publisher, the next one
 * finds either no row (nothing was ever sent) or the raw bytes (sending them again is the same transaction). So a
 * report reaches the chain once. A row is settled by its receipt and watched until its block is final; when a
 * reorganisation takes the receipt away, the same bytes are sent again.
 */
import {
  BaseError,
  ContractFunctionRevertedError,
  encodeFunctionData,
  type Hex,
  keccak256,
  type LocalAccount,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
  zeroHash,
} from 'viem'
import type { ChainClient } from '../chains/client'
import { inTransaction, type Pool } from '../db/pool'
import { sql } from '../db/query'
import { logger } from '../log'
import { riskOracleAbi } from './abi'
import { faultOf } from './fault'
import type { OracleTarget } from './report'
import { type LiveSubmission, setReportStatus } from './reports'

const log = logger('oracle:publisher')
const GAS_MARGIN_PERCENT = 130n
/** Refusals that time or an administrator may lift; the report waits for that until it expires. */
const WAIT_FOR: readonly string[] = ['TooSoon', 'EnforcedPause']
/** What nodes answer when they have the transaction already. */
const KNOWN = /already known|already imported|known transaction|alreadyknown|nonce too low/i

/** Between the steps that a crash may separate. Tests throw from `crash` to stop exactly there. */
export type CrashPoint = 'signed' | 'persisted' | 'sent' | 'mined'

/** What sending needs. `account` pays for gas; it is not one of the report signers. */
export interface Sender {
  pool: Pool
  client: ChainClient
  account: LocalAccount
  target: OracleTarget
  finalityDepthBlocks: number
  crash?: (point: CrashPoint) => void
}

interface TransactionRow {
  id: string
  nonce: string
  tx_hash: Hex
  raw: Hex
  report_ids: string[]
  status: 'pending' | 'mined'
}

/** Sends a quorum's submission. Resolves to what became of it; `waiting` means: try again later. */
export async function sendSubmission(
  sender: Sender,
  live: LiveSubmission,
  signatures: readonly Hex[],
): Promise<'sent' | 'waiting' | 'dropped'> {
  const ids = live.parts.map((part) => part.id)
  const refused = await refusalOf(sender, live, signatures)
  if (refused !== undefined) {
    if (WAIT_FOR.includes(refused)) return 'waiting'
    await setReportStatus(sender.pool, ids, {
      status: 'dropped',
      reason: `the contract refuses it: ${refused}`,
    })
    return 'dropped'
  }
  const nonce = await nextNonce(sender)
  const raw = await signTransaction(sender, live, { signatures, nonce })
  const txHash = keccak256(raw)
  sender.crash?.('signed')
  await inTransaction(sender.pool, async (tx) => {
    await tx.query(sql('oracle-insert-transaction'), [
      sender.target.chainId,
      sender.account.address.toLowerCase(),
      nonce,
      txHash,
      raw,
      JSON.stringify(ids),
    ])
    await setReportStatus(tx, ids, { status: 'sent', txHash })
  })
  sender.crash?.('persisted')
  await sendRaw(sender, txHash, raw)
  sender.crash?.('sent')
  return 'sent'
}

/** Looks after every transaction whose fate is open: settles mined ones, sends lost ones again. */
export async function settleTransactions(sender: Sender): Promise<void> {
  const { pool, client, account, target } = sender
  const { rows } = await pool.query<TransactionRow>(sql('oracle-open-transactions'), [
    target.chainId,
    account.address.toLowerCase(),
  ])
  if (rows.length === 0) return
  // The count is asked first: a transaction mined in between then shows by its receipt, not as replaced.
  const used = await client.getTransactionCount({ address: account.address, blockTag: 'latest' })
  const head = await client.getBlockNumber({ cacheTime: 0 })
  for (const row of rows) {
    const receipt = await receiptOf(client, row.tx_hash)
    if (receipt !== undefined) await settleMined(sender, row, receipt, head)
    else if (BigInt(row.nonce) < BigInt(used)) await settleReplaced(sender, row)
    else await sendAgain(sender, row)
  }
}

async function settleMined(sender: Sender, row: TransactionRow, receipt: TransactionReceipt, head: bigint) {
  sender.crash?.('mined')
  const final = receipt.blockNumber + BigInt(sender.finalityDepthBlocks) <= head
  const applied = receipt.status === 'success'
  if (row.status === 'mined' && !final) return
  const moved = await inTransaction(sender.pool, async (tx) => {
    const status = applied ? (final ? 'final' : 'mined') : 'failed'
    await tx.query(sql('oracle-set-transaction-status'), [row.id, status])
    const change = applied
      ? ({ status: 'confirmed', txHash: row.tx_hash, blockNumber: receipt.blockNumber } as const)
      : ({ status: 'dropped', reason: `transaction reverted in block ${receipt.blockNumber}` } as const)
    return setReportStatus(tx, row.report_ids, change)
  })
  for (const id of moved)
    log.info(`report ${id} ${applied ? 'applied' : 'reverted'} in block ${receipt.blockNumber}`)
}

/** The nonce is taken by a transaction that is not ours: the reports stand or fall by what the contract shows. */
async function settleReplaced(sender: Sender, row: TransactionRow): Promise<void> {
  log.warn(`nonce ${row.nonce} was used by another transaction than ${row.tx_hash}`)
  await inTransaction(sender.pool, async (tx) => {
    await tx.query(sql('oracle-set-transaction-status'), [row.id, 'replaced'])
    const reason = `nonce ${row.nonce} was used by another transaction`
    await setReportStatus(tx, row.report_ids, { status: 'dropped', reason, fromConfirmed: true })
  })
}

async function sendAgain(sender: Sender, row: TransactionRow): Promise<void> {
  if (row.status === 'mined') {
    log.warn(`transaction ${row.tx_hash} left the chain in a reorganisation`)
    await inTransaction(sender.pool, async (tx) => {
      await tx.query(sql('oracle-set-transaction-status'), [row.id, 'pending'])
      await setReportStatus(tx, row.report_ids, { status: 'sent', fromConfirmed: true })
    })
  }
  await sendRaw(sender, row.tx_hash, row.raw)
}

/** A failure to send is not the end: the row stays pending and is sent again at the next look. */
async function sendRaw(sender: Sender, txHash: Hex, raw: Hex): Promise<void> {
  try {
    await sender.client.sendRawTransaction({ serializedTransaction: raw })
  } catch (error) {
    const text = faultOf(error)
    if (!KNOWN.test(text)) log.warn(`transaction ${txHash} could not be sent yet: ${text}`)
  }
}

/** Name of the error the contract would revert with now; undefined when it would apply the submission. */
async function refusalOf(sender: Sender, live: LiveSubmission, signatures: readonly Hex[]) {
  const { bundleId, reports } = live.submission
  const call = {
    address: sender.target.contract,
    abi: riskOracleAbi,
    account: sender.account.address,
  } as const
  try {
    if (bundleId === zeroHash) {
      const args = [firstOf(reports), signatures] as const
      await sender.client.simulateContract({ ...call, functionName: 'submit', args })
    } else {
      const args = [bundleId, reports, signatures] as const
      await sender.client.simulateContract({ ...call, functionName: 'submitBundle', args })
    }
    return undefined
  } catch (error) {
    const reverted =
      error instanceof BaseError && error.walk((e) => e instanceof ContractFunctionRevertedError)
    if (!(reverted instanceof ContractFunctionRevertedError)) throw error
    return reverted.data?.errorName ?? reverted.shortMessage
  }
}

async function signTransaction(
  sender: Sender,
  live: LiveSubmission,
  { signatures, nonce }: { signatures: readonly Hex[]; nonce: bigint },
): Promise<Hex> {
  const { client, account, target } = sender
  const { bundleId, reports } = live.submission
  const data =
    bundleId === zeroHash
      ? encodeFunctionData({
          abi: riskOracleAbi,
          functionName: 'submit',
          args: [firstOf(reports), signatures],
        })
      : encodeFunctionData({
          abi: riskOracleAbi,
          functionName: 'submitBundle',
          args: [bundleId, reports, signatures],
        })
  const [gas, fees] = await Promise.all([
    client.estimateGas({ account: account.address, to: target.contract, data }),
    client.estimateFeesPerGas(),
  ])
  return account.signTransaction({
    type: 'eip1559',
    chainId: Number(target.chainId),
    nonce: Number(nonce),
    to: target.contract,
    data,
    gas: (gas * GAS_MARGIN_PERCENT) / 100n,
    // Twice what is asked now: the bytes are fixed once they are kept, and the base fee may rise meanwhile.
    maxFeePerGas: fees.maxFeePerGas * 2n,
    maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
  })
}

/** Above everything the chain knows of and everything that is kept but not yet settled. */
async function nextNonce(sender: Sender): Promise<bigint> {
  const { address } = sender.account
  const onChain = BigInt(await sender.client.getTransactionCount({ address, blockTag: 'pending' }))
  const values = [sender.target.chainId, address.toLowerCase()]
  const { rows } = await sender.pool.query<TransactionRow>(sql('oracle-open-transactions'), values)
  return rows.map((row) => BigInt(row.nonce) + 1n).reduce((a, b) => (a > b ? a : b), onChain)
}

async function receiptOf(client: ChainClient, hash: Hex): Promise<TransactionReceipt | undefined> {
  try {
    return await client.getTransactionReceipt({ hash })
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return undefined
    throw error
  }
}

function firstOf<T>(items: readonly T[]): T {
  const first = items[0]
  if (first === undefined) throw new Error('a submission holds at least one report')
  return first
}
