import {
  concat,
  type Hex,
  parseSignature,
  serializeCompactSignature,
  signatureToCompactSignature,
  slice,
  toHex,
} from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { signSubmission } from '../../src/oracle/report'
import { readLive } from '../../src/oracle/reports'
import { mineAt, signers, stranger, T0 } from '../contracts/harness'
import { Crash, FINALITY_DEPTH, type OracleWorld, publisherAccount, startWorld } from './world'

let world: OracleWorld
beforeAll(async () => {
  world = await startWorld()
})
beforeEach(async () => {
  await world.reset()
  await world.setState({}, 900n)
})
afterAll(() => world?.stop())

const transactionsSent = () => world.client.getTransactionCount({ address: publisherAccount.address })

describe('from value to chain', () => {
  it('proposes, waits for three of four signatures, sends, confirms', async () => {
    await world.turn()
    expect((await world.reports()).map((row) => [row.status, row.value, row.round])).toEqual([
      ['proposed', '20000000', '1'],
    ])
    await world.signAll(2)
    await world.turn()
    expect((await world.reports())[0]?.status).toBe('proposed')
    await world.signAll(3)
    await world.turn()
    expect((await world.reports())[0]?.status).toBe('sent')
    await world.mine()
    await world.turn()
    const [row] = await world.reports()
    expect(row).toMatchObject({ status: 'confirmed', reason: 'first' })
    expect(row?.as_of).toEqual({ '31337': { height: '900', hash: expect.stringMatching(/^0xb+384$/) } })
    expect(await world.applied()).toEqual([{ round: 1n, value: 20_000_000n }])
    expect((await world.rows('oracle_feed'))[0]).toMatchObject({ metric: 'market-risk', decimals: 8 })
    await world.mine(FINALITY_DEPTH)
    await world.turn()
    expect((await world.rows('oracle_transaction'))[0]?.status).toBe('final')
  })

  it('proposes nothing without a value, from incomplete state, or before minDelay', async () => {
    await world.setState(undefined, 900n)
    await world.turn()
    await world.setState({ complete: false }, 900n)
    await world.turn()
    expect(await world.reports()).toEqual([])
    await world.setState({}, 900n)
    await world.turn()
    await world.signAll()
    await world.turn()
    await world.mine()
    await world.setState({ value: 30_000_000n }, 905n)
    await world.turn()
    expect(await world.reports()).toHaveLength(1)
    await mineAt(world.client, T0 + 30n)
    await world.turn()
    expect((await world.reports())[1]).toMatchObject({
      round: '2',
      previous_value: '20000000',
      reason: 'deviation',
    })
  })

  it('clamps a jump and says so, then arrives', async () => {
    for (const [i, value] of [20n, 90n, 90n, 90n].entries()) {
      await mineAt(world.client, T0 + BigInt(i) * 40n + 1n)
      await world.setState({ value: value * 1_000_000n }, 900n + BigInt(i) * 20n)
      await world.turn()
      await world.signAll()
      await world.turn()
      await world.mine()
    }
    await world.turn()
    expect((await world.applied()).map(({ value }) => value)).toEqual([
      20_000_000n,
      45_000_000n,
      70_000_000n,
      90_000_000n,
    ])
    expect((await world.reports())[1]?.reason).toBe('deviation, clamped from 90000000')
  })

  it('measures at the heights at which the scorer scores', async () => {
    await world.setState({}, 907n)
    await world.turn()
    expect((await world.reports())[0]?.as_of).toMatchObject({ '31337': { height: '904' } })
  })

  it('burns the number of a report that expired with a signature', async () => {
    await world.turn()
    await world.signAll(1)
    await world.age(60)
    await mineAt(world.client, T0 + 500n)
    await world.setState({}, 950n)
    await world.turn()
    expect((await world.reports()).map((row) => row.status)).toEqual(['dropped', 'proposed'])
    await world.signAll()
    await world.turn()
    await world.mine()
    await world.turn()
    expect(await world.applied()).toEqual([{ round: 2n, value: 20_000_000n }])
  })

  it('drops what the contract refuses, with the name of its error', async () => {
    await world.turn()
    await world.signAll()
    await world.administer('setFeedAllowed', [world.feedId, false])
    await world.turn()
    expect((await world.reports())[0]).toMatchObject({
      status: 'dropped',
      reason: expect.stringContaining('FeedNotAllowed'),
    })
    expect(await transactionsSent()).toBe(0)
  })

  it('keeps a signed report through a pause', async () => {
    await world.turn()
    await world.signAll()
    await world.administer('pause', [])
    await world.turn()
    expect((await world.reports())[0]?.status).toBe('signed')
    await world.administer('unpause', [])
    await world.turn()
    await world.mine()
    expect(await world.applied()).toHaveLength(1)
  })
})

describe('a feed whose reports are refused', () => {
  /** One more proposal that every signer refuses, because the value is another by the time it looks. */
  async function refusedOnce(i: number) {
    await world.age(600)
    await world.setState({ value: 20_000_000n + BigInt(i) }, 900n)
    await world.turn()
    await world.setState({ value: 1n }, 900n)
    await world.signAll(2)
    await world.turn()
  }
  const roundsAndStatuses = async () => (await world.reports()).map((row) => [row.round, row.status])

  it('uses a number that nobody signed again, so that numbers never run out', async () => {
    for (let i = 0; i < 4; i++) await refusedOnce(i)
    expect(await roundsAndStatuses()).toEqual(Array(4).fill(['1', 'dropped']))
    expect(new Set((await world.reports()).map((row) => row.id)).size).toBe(4)
    await world.age(600)
    await world.setState({}, 900n)
    await world.turn()
    await world.signAll()
    await world.turn()
    await world.mine()
    await world.turn()
    expect(await world.applied()).toEqual([{ round: 1n, value: 20_000_000n }])
  })

  it('waits longer after each refusal in a row, and no longer once a report was applied', async () => {
    await refusedOnce(0)
    for (const [drops, waitSec] of [5, 10, 20].entries()) {
      await world.setState({}, 900n)
      await world.age(waitSec - 3)
      await world.turn()
      expect(await world.reports()).toHaveLength(drops + 1)
      await refusedOnce(drops)
    }
    await world.age(600)
    await world.setState({}, 900n)
    await world.turn()
    await world.signAll()
    await world.turn()
    await world.mine()
    await world.turn()
    await mineAt(world.client, T0 + 30n)
    await world.setState({ value: 30_000_000n }, 920n)
    await world.turn()
    expect((await roundsAndStatuses()).at(-1)).toEqual(['2', 'proposed'])
  })
})

describe('signatures that somebody else wrote into the table', () => {
  const [, , , last] = signers
  const forge = (signer: string, signature: string) =>
    world.db.pool.query(
      `INSERT INTO oracle_signature (id, report_id, signer, signature) SELECT id || $1, id, $1, $2 FROM oracle_report`,
      [signer, signature],
    )

  it('do not count under the name of a signer who did not make them', async () => {
    await world.turn()
    await world.signAll(2)
    const [first] = await world.rows('oracle_signature')
    await forge(last!.address.toLowerCase(), String(first?.signature))
    await world.turn()
    expect((await world.reports())[0]?.status).toBe('proposed')
    await world.signAll(3)
    await world.turn()
    await world.mine()
    expect(await world.applied()).toEqual([{ round: 1n, value: 20_000_000n }])
  })

  it('do not count when they are valid but of nobody in the signer set', async () => {
    await world.turn()
    await world.signAll(2)
    const live = (await readLive(world.db.pool, world.target))[0]!
    await forge(stranger.address.toLowerCase(), await signSubmission(stranger, world.target, live.submission))
    await forge(last!.address, await signSubmission(last!, world.target, live.submission))
    await world.turn()
    expect((await world.reports())[0]?.status).toBe('proposed')
    expect(await transactionsSent()).toBe(0)
    await world.signAll(3)
    await world.turn()
    await world.mine()
    expect(await world.applied()).toHaveLength(1)
  })
})

describe('a faulty signer’s signature in a form that the contract refuses', () => {
  const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const forms: [string, (signature: Hex) => Hex][] = [
    ['upper s', upperS],
    ['recovery id 0 or 1', (signature) => concat([slice(signature, 0, 64), yParity(signature)])],
    ['64 bytes', (signature) => serializeCompact(signature)],
  ]
  function upperS(signature: Hex): Hex {
    const s = toHex(ORDER - BigInt(slice(signature, 32, 64)), { size: 32 })
    return concat([slice(signature, 0, 32), s, yParity(signature) === '0x00' ? '0x1c' : '0x1b'])
  }
  function yParity(signature: Hex): Hex {
    return slice(signature, 64) === '0x1b' ? '0x00' : '0x01'
  }
  function serializeCompact(signature: Hex): Hex {
    return serializeCompactSignature(signatureToCompactSignature(parseSignature(signature)))
  }

  it.each(forms)('does not spoil the submission: %s', async (_name, form) => {
    await world.turn()
    await world.signAll(3)
    const [row] = await world.rows('oracle_signature')
    await world.db.pool.query('UPDATE oracle_signature SET signature = $1 WHERE id = $2', [
      form(row?.signature as Hex),
      row?.id,
    ])
    await world.turn()
    expect((await world.reports())[0]?.status).toBe('proposed')
    await world.signAll(4)
    await world.turn()
    await world.mine()
    expect(await world.applied()).toHaveLength(1)
  })
})

describe('a crash leads to one update, not two', () => {
  /** Starts publishers anew, with blocks between, until nothing moves; the value stays what it is. */
  async function recover() {
    for (let i = 0; i < 5; i++) {
      await world.turn()
      await world.signAll()
      await world.mine()
    }
  }
  async function expectOneUpdate() {
    expect(await world.applied()).toEqual([{ round: 1n, value: 20_000_000n }])
    expect(await transactionsSent()).toBe(1)
    expect(await world.rows('oracle_transaction')).toHaveLength(1)
    expect((await world.reports()).map((row) => row.status)).toEqual(['confirmed'])
  }
  beforeEach(async () => {
    await world.turn()
    await world.signAll()
  })

  it('after the transaction was signed and before it was kept', async () => {
    await expect(world.turn('signed')).rejects.toThrow(Crash)
    expect(await world.rows('oracle_transaction')).toEqual([])
    await recover()
    await expectOneUpdate()
  })

  it('after it was kept and before it was sent', async () => {
    await expect(world.turn('persisted')).rejects.toThrow(Crash)
    const [kept] = await world.rows('oracle_transaction')
    await world.mine(2)
    expect(await world.applied()).toEqual([])
    await recover()
    await expectOneUpdate()
    expect((await world.rows('oracle_transaction'))[0]?.tx_hash).toBe(kept?.tx_hash)
  })

  it('after it was sent, while it waits in the pool', async () => {
    await expect(world.turn('sent')).rejects.toThrow(Crash)
    await world.turn()
    await recover()
    await expectOneUpdate()
  })

  it('after it was sent and mined, before anyone looked', async () => {
    await expect(world.turn('sent')).rejects.toThrow(Crash)
    await world.mine()
    await recover()
    await expectOneUpdate()
  })

  it('after the receipt was read and before it was recorded', async () => {
    await world.turn()
    await world.mine()
    await expect(world.turn('mined')).rejects.toThrow(Crash)
    expect((await world.reports())[0]?.status).toBe('sent')
    await recover()
    await expectOneUpdate()
  })

  it('when the same crash strikes again and again', async () => {
    for (let i = 0; i < 3; i++) await expect(world.turn('signed')).rejects.toThrow(Crash)
    await expect(world.turn('persisted')).rejects.toThrow(Crash)
    await world.mine()
    for (let i = 0; i < 2; i++) await world.turn()
    await world.mine()
    await expect(world.turn('mined')).rejects.toThrow(Crash)
    await recover()
    await expectOneUpdate()
  })
})

describe('reorganisations', () => {
  it('drops a report whose nonce another transaction took', async () => {
    await world.turn()
    await world.signAll()
    await expect(world.turn('persisted')).rejects.toThrow(Crash)
    await world.client.sendTransaction({
      account: publisherAccount,
      to: publisherAccount.address,
      chain: null,
    })
    await world.mine()
    await world.turn()
    expect((await world.rows('oracle_transaction'))[0]?.status).toBe('replaced')
    await world.age(60)
    await world.turn()
    expect((await world.reports()).map((row) => row.status)).toEqual(['dropped', 'proposed'])
  })

  // Last: a reorganisation takes the node's snapshots with it.
  it('sends the same bytes again when the block with the update is gone', async () => {
    await world.turn()
    await world.signAll()
    await world.turn()
    await world.mine()
    await world.turn()
    expect((await world.reports())[0]?.status).toBe('confirmed')
    const [before] = await world.rows('oracle_transaction')
    await world.client.request({ method: 'anvil_reorg' as never, params: [2, []] as never })
    expect(await world.applied()).toEqual([])
    await world.turn()
    expect((await world.reports())[0]?.status).toBe('sent')
    await world.mine()
    await world.turn()
    expect((await world.reports())[0]?.status).toBe('confirmed')
    expect(await world.applied()).toHaveLength(1)
    const [after, ...others] = await world.rows('oracle_transaction')
    expect(others).toEqual([])
    expect(after?.tx_hash).toBe(before?.tx_hash)
  })
})
