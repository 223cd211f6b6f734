import { type Hex, pad, zeroHash } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { mineAt, T0 } from '../contracts/harness'
import { Crash, type OracleWorld, startWorld } from './world'

let world: OracleWorld
let coupled: Hex[]
beforeAll(async () => {
  world = await startWorld({}, async (chain) => {
    const group = pad('0x60')
    coupled = [
      await chain.createFeed('supply-cap', group),
      await chain.createFeed('borrow-cap', group),
    ].sort()
    await mineAt(chain.client, T0 - 1n)
  })
})
beforeEach(async () => {
  await world.reset()
  await world.setState({}, 900n)
})
afterAll(() => world?.stop())

const statuses = async () => (await world.reports()).map((row) => row.status)

it('proposes coupled feeds as one bundle, signs it as a whole and applies it in one transaction', async () => {
  await world.turn()
  const reports = await world.reports()
  expect(reports).toHaveLength(3)
  const bundled = reports.filter((row) => row.bundle_id !== zeroHash)
  expect(bundled.map((row) => String(row.id).split(':')[2]).sort()).toEqual(coupled)
  expect(new Set(bundled.map((row) => row.digest)).size).toBe(1)
  await world.signAll(3)
  expect(await world.rows('oracle_signature')).toHaveLength(9)
  await world.turn()
  await world.mine()
  await world.turn()
  expect(await statuses()).toEqual(['confirmed', 'confirmed', 'confirmed'])
  expect(await world.applied()).toHaveLength(3)
  const transactions = await world.rows('oracle_transaction')
  expect(transactions.map((row) => (row.report_ids as string[]).length).sort()).toEqual([1, 2])
})

it('drops the whole bundle when one part of it is refused', async () => {
  await world.turn()
  await world.db.pool.query('UPDATE oracle_report SET value = value + 1 WHERE feed_id LIKE $1', [
    `%${coupled[1]}`,
  ])
  await world.signAll(4)
  const answers = await world.rows('oracle_signature')
  const ofBundle = answers.filter((row) => coupled.some((id) => String(row.report_id).includes(id)))
  expect(ofBundle).toHaveLength(8)
  expect(ofBundle.every((row) => row.signature === null)).toBe(true)
  await world.turn()
  await world.mine()
  const applied = await world.applied()
  expect(applied).toHaveLength(1)
})

it('resends a bundle whole after a crash', async () => {
  await world.turn()
  await world.signAll(3)
  await expect(world.turn('persisted')).rejects.toThrow(Crash)
  for (let i = 0; i < 3; i++) {
    await world.turn()
    await world.mine()
  }
  await world.turn()
  expect(await world.applied()).toHaveLength(3)
  expect(await world.rows('oracle_transaction')).toHaveLength(2)
  expect(await statuses()).toEqual(['confirmed', 'confirmed', 'confirmed'])
})
