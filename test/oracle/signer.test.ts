import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inTransaction } from '../../src/db/pool'
import { sql } from '../../src/db/query'
import { submissionDigest } from '../../src/oracle/report'
import { insertProposal, readLive } from '../../src/oracle/reports'
import { signerTurn } from '../../src/oracle/sign'
import { admin, alone, mineAt, reportFor, signers, stranger, T0 } from '../contracts/harness'
import { type OracleWorld, startWorld } from './world'

let world: OracleWorld
beforeAll(async () => {
  world = await startWorld()
})
beforeEach(async () => {
  await world.reset()
  await world.setState({}, 900n)
  await world.turn()
})
afterAll(() => world?.stop())

const signerRows = () => world.rows('oracle_signature')
const first = () => signerTurn(world.signerOf(0))
const tamper = (assignment: string) => world.db.pool.query(`UPDATE oracle_report SET ${assignment}`)
async function refusalAfter(assignment: string) {
  await tamper(assignment)
  await first()
  const rows = await signerRows()
  expect(rows).toHaveLength(1)
  expect(rows[0]?.signature).toBeNull()
  return rows[0]?.refusal
}

describe('a signer', () => {
  it('signs a value that it computes itself, once', async () => {
    await first()
    await first()
    expect(await signerRows()).toMatchObject([
      {
        signer: signers[0]!.address.toLowerCase(),
        refusal: null,
        signature: expect.stringMatching(/^0x[0-9a-f]{130}$/),
      },
    ])
  })

  it('refuses when its own value is another, and a quorum is then out of reach', async () => {
    await world.setState({ value: 20_000_001n }, 900n)
    await world.signAll(2)
    const rows = await signerRows()
    expect(rows.map((row) => row.refusal)).toEqual(Array(2).fill('value is 20000001, proposed was 20000000'))
    await world.turn()
    await world.age(60)
    await world.turn()
    const [dropped, next] = await world.reports()
    expect(dropped).toMatchObject({ status: 'dropped', reason: expect.stringContaining('value is 20000001') })
    expect(next).toMatchObject({ status: 'proposed', round: '1', value: '20000001' })
  })

  it('refuses what another model, less confidence or incomplete state would give', async () => {
    await world.setState({ modelHash: `0x${'6b'.repeat(32)}` }, 900n)
    await signerTurn(world.signerOf(0))
    await world.setState({ confidenceBps: 9_999 }, 900n)
    await signerTurn(world.signerOf(1))
    await world.setState({ complete: false }, 900n)
    await signerTurn(world.signerOf(2))
    await world.setState(undefined, 900n)
    await signerTurn(world.signerOf(3))
    const refusals = (await signerRows()).map((row) => row.refusal)
    for (const reason of [/^modelHash/, /^confidenceBps/, /^state is incomplete/, /^there is no value/]) {
      expect(refusals).toContainEqual(expect.stringMatching(reason))
    }
  })

  it('waits for a block that is not final here, and for a paused contract', async () => {
    await world.setState({}, 899n)
    await first()
    expect(await signerRows()).toEqual([])
    await world.setState({}, 900n)
    await world.administer('pause', [])
    await first()
    expect(await signerRows()).toEqual([])
    await world.administer('unpause', [])
    await first()
    expect(await signerRows()).toHaveLength(1)
  })

  it('signs nothing when it is not in the signer set', async () => {
    await signerTurn(world.signerOf(0, { account: stranger }))
    await signerTurn(world.signerOf(0, { account: admin }))
    expect(await signerRows()).toEqual([])
  })

  it('refuses a row that was altered after its digest was made', async () => {
    expect(await refusalAfter('value = value + 1')).toBe('the digest is not that of the report')
  })

  it('refuses a block hash that is not the one it finds', async () => {
    expect(await refusalAfter(`as_of = '{"31337": {"height": "900", "hash": "0xdead"}}'`)).toMatch(
      /^blockHash is/,
    )
  })

  it('refuses a value as of another chain than the subject’s', async () => {
    expect(await refusalAfter(`as_of = '{"1": {"height": "900", "hash": "0xdead"}}'`)).toMatch(
      /^as of chain 1/,
    )
  })

  it('refuses an expired report', async () => {
    await mineAt(world.client, T0 + 200n)
    await first()
    expect((await signerRows())[0]?.refusal).toBe('it has expired')
  })

  it('refuses a round that somebody else brought to the chain', async () => {
    await world.apply(alone(reportFor(world.feedId)), T0 + 5n)
    await first()
    expect((await signerRows())[0]?.refusal).toBe('round 1 is on the chain already')
    await world.turn()
    expect((await world.reports())[0]?.status).toBe('dropped')
  })
})

describe('never two values for one (feed, round)', () => {
  it('does not sign again when the row changes under its signature', async () => {
    await first()
    const [before] = await signerRows()
    await tamper(`value = 30000000, digest = '0xdead'`)
    await world.setState({ value: 30_000_000n }, 900n)
    await first()
    expect(await signerRows()).toEqual([before])
  })

  it('refuses a second report for a round that anybody signed, once the first was dropped', async () => {
    const { submission, parts } = (await readLive(world.db.pool, world.target))[0]!
    await first()
    await tamper(`status = 'dropped'`)
    await world.setState({ value: 20_000_001n }, 900n)
    const other = { ...submission, reports: submission.reports.map((r) => ({ ...r, value: 20_000_001n })) }
    const digest = submissionDigest(world.target, other)
    const asOf = new Map([[world.feedId, parts[0]!.asOf]])
    const reasons = new Map()
    await inTransaction(world.db.pool, (tx) =>
      insertProposal(tx, world.target, { submission: other, digest, asOf, reasons }),
    )
    await world.signAll()
    const answers = (await signerRows()).filter((row) => row.report_id !== parts[0]!.id)
    expect(answers.map((row) => [row.signature, row.refusal])).toEqual(
      Array(4).fill([null, 'round 1 was signed for another report']),
    )
  })

  it('has room for one signature of a signer for a round, whatever the rows say', async () => {
    await first()
    await tamper(`status = 'dropped'`)
    await world.db.pool.query(
      `INSERT INTO oracle_report SELECT (r2).* FROM (SELECT jsonb_populate_record(r, jsonb_build_object('id', id || 'x',
         'status', 'proposed')) AS r2 FROM oracle_report r) AS copies`,
    )
    const [row] = await signerRows()
    const again = world.db.pool.query(sql('oracle-insert-signature'), [
      row?.id,
      `${row?.report_id}x`,
      row?.signer,
      row?.signature,
      null,
    ])
    expect((await again).rowCount).toBe(0)
  })

  it('signs nothing for a report that is dropped while it thinks', async () => {
    const signer = world.signerOf(0)
    const values: typeof signer.values = async (feed, height) => {
      const value = await signer.values(feed, height)
      await tamper(`status = 'dropped'`)
      return value
    }
    await signerTurn({ ...signer, values })
    expect(await signerRows()).toEqual([])
  })

  it('cannot be offered two live reports for the round', async () => {
    await first()
    const copy = world.db.pool.query(
      `INSERT INTO oracle_report (id, feed_id, chain_id, round, status, value, previous_value, confidence_bps,
         model_hash, bundle_id, observed_at, expires_at, as_of, digest)
       SELECT id || 'x', feed_id, chain_id, round, 'proposed', value + 1, previous_value, confidence_bps,
         model_hash, bundle_id, observed_at, expires_at, as_of, digest FROM oracle_report`,
    )
    await expect(copy).rejects.toThrow(/oracle_report_live_round_idx/)
  })

  it('refuses a row whose id is not its feed and round', async () => {
    await tamper(`id = 'x' || id`)
    await first()
    expect((await signerRows())[0]).toMatchObject({
      signature: null,
      refusal: 'the row id is not its feed and round',
    })
  })
})
