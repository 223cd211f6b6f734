/**
 * The oracle's processes against a real contract on a real anvil and a real PostgreSQL. Only the value source is a
 * plain function, and mining and time are the test's own.
 */
import { type Hex, zeroHash } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { DEMO_MNEMONIC } from '../../demo/anvil'
import { chainClient } from '../../src/chains/client'
import type { FeedRails } from '../../src/oracle/policy'
import { type Publisher, publisherTurn } from '../../src/oracle/publisher'
import { type Signer, signerTurn } from '../../src/oracle/sign'
import type { CrashPoint } from '../../src/oracle/transactions'
import type { MeasuredValue, ValueSource } from '../../src/oracle/values'
import { CHAIN_ID, MODEL, mineAt, signers, startOracle, T0 } from '../contracts/harness'
import { testDatabase } from '../support/database'

export const publisherAccount = mnemonicToAccount(DEMO_MNEMONIC, { addressIndex: 8 })
export const settings = { ttlSec: 120, minConfidenceBps: 5_000 }
export const FINALITY_DEPTH = 3

/** Whether a publisher stopped at an injected point rather than by a fault. */
export class Crash extends Error {}

/** @param prepare more that the chain should have before the tests' start */
export async function startWorld(
  railChanges: Partial<FeedRails> = {},
  prepare?: (chain: Awaited<ReturnType<typeof startOracle>>) => Promise<void>,
) {
  const db = await testDatabase()
  const chain = await startOracle()
  const feedId = await chain.createFeed('market-risk', zeroHash, railChanges)
  await prepare?.(chain)
  await mineAt(chain.client, T0)
  const client = chainClient(chain.anvil.rpcUrl)
  let measured: MeasuredValue | undefined
  const values: ValueSource = async (_feed, height) =>
    measured && { ...measured, observedAt: T0 - 1_000n + height, blockHash: blockHash(height) }

  const common = { pool: db.pool, client, target: chain.target, values, settings }
  const signerOf = (i: number, changes: Partial<Signer> = {}): Signer => ({
    ...common,
    account: signers[i]!,
    ...changes,
  })

  /** A publisher that has just started: it shares nothing with an earlier one but Postgres and the chain. */
  function publisher(crashAt?: CrashPoint): Publisher {
    const crash = (point: CrashPoint) => {
      if (point === crashAt) throw new Crash(point)
    }
    return {
      ...common,
      client: chainClient(chain.anvil.rpcUrl),
      account: publisherAccount,
      finalityDepthBlocks: FINALITY_DEPTH,
      crash,
    }
  }

  let snapshot = await chain.client.snapshot()

  return {
    ...chain,
    db,
    /** Back to the start, with nothing on its way: cheaper than another node and another database. */
    async reset() {
      await chain.client.request({ method: 'anvil_dropAllTransactions' as never })
      await chain.client.revert({ id: snapshot })
      snapshot = await chain.client.snapshot()
      await db.pool.query('TRUNCATE oracle_feed, oracle_report, oracle_signature, oracle_transaction, chain')
    },
    feedId,
    publisher,
    signerOf,
    /** The state of the subject's chain: what is measured, and up to where it is final. */
    async setState(value: Partial<MeasuredValue> | undefined, finalizedHeight: bigint) {
      measured = value && {
        value: 20_000_000n,
        confidenceBps: 10_000,
        modelHash: MODEL,
        complete: true,
        blockHash: '0x',
        observedAt: 0n,
        ...value,
      }
      await db.pool.query(
        `INSERT INTO chain (id, chain_id, name, head_height, head_hash, head_timestamp, finalized_height,
           finalized_hash, updated_at)
         VALUES ($1::bigint::text, $1::bigint, 'harbor', $2, '0x00', now(), $2, $3, now())
         ON CONFLICT (id) DO UPDATE SET finalized_height = excluded.finalized_height,
           finalized_hash = excluded.finalized_hash`,
        [CHAIN_ID, finalizedHeight, blockHash(finalizedHeight)],
      )
    },
    /** Makes every report that many seconds older, as the publisher's back-off sees it. */
    async age(sec: number) {
      await db.pool.query(`UPDATE oracle_report SET created_at = created_at - $1 * interval '1 second'`, [
        sec,
      ])
    },
    async signAll(count = 4) {
      for (let i = 0; i < count; i++) await signerTurn(signerOf(i))
    },
    turn: (crashAt?: CrashPoint) => publisherTurn(publisher(crashAt)),
    mine: (blocks = 1) => chain.client.mine({ blocks }),
    /** All reports ever applied, from the chain's own log. */
    async applied(): Promise<{ round: bigint; value: bigint }[]> {
      const logs = await chain.client.getContractEvents({
        ...chain.oracle,
        eventName: 'ReportApplied',
        fromBlock: 0n,
      })
      return logs.map(({ args }) => ({ round: args.round!, value: args.value! }))
    },
    async reports(): Promise<Record<string, unknown>[]> {
      const { rows } = await db.pool.query('SELECT * FROM oracle_report ORDER BY round')
      return rows
    },
    async rows(
      table: 'oracle_signature' | 'oracle_transaction' | 'oracle_feed',
    ): Promise<Record<string, unknown>[]> {
      return (await db.pool.query(`SELECT * FROM ${table} ORDER BY id`)).rows
    },
    async stop() {
      await chain.anvil.stop()
      await db.drop()
    },
  }
}
export type OracleWorld = Awaited<ReturnType<typeof startWorld>>

function blockHash(height: bigint): Hex {
  return `0x${height.toString(16).padStart(64, 'b')}`
}
