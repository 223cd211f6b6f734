/** The exposure graph of the committed capture against what the tokens' own contracts say lies where. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { harbor } from '../../src/chains/harbor'
import { LOCAL_WORLD } from '../../src/chains/local-world'
import { readExposure } from '../../src/features/exposure-read'
import type { TestDatabase } from '../support/database'
import { indexedLocalWorld } from '../support/local-world'

const HEIGHT = 60

let db: TestDatabase
beforeAll(async () => {
  db = await indexedLocalWorld(HEIGHT)
})
afterAll(async () => {
  await db?.drop()
})

const exposure = (height?: number) =>
  readExposure(db.pool, { chains: [{ chain: harbor, height }], topAccounts: 20 })

/** Whole tokens that an address holds, from transfers alone. */
async function balanceOf(holder: string, token: string): Promise<number> {
  const { rows } = await db.pool.query(
    `SELECT b.balance, a.decimals FROM token_balance b JOIN asset a ON a.id = b.asset_id
     WHERE b.account_id = $1 AND b.asset_id = $2`,
    [`${harbor.id}:${holder}`, `${harbor.id}:${token}`],
  )
  return rows.length === 0 ? 0 : Number(rows[0].balance) / 10 ** rows[0].decimals
}

it('holds in each venue what transfers have brought there', async () => {
  const { edges, nodes } = await exposure()
  const held = edges.filter(({ kind }) => kind === 'holds')
  expect(held.length).toBe(6)
  const priceUsd = new Map<string, number>()
  for (const { from, to, usd } of held) {
    const [, pool] = from.split(':') as [string, string]
    const token = to.slice(to.indexOf(':') + 1)
    const reserve = LOCAL_WORLD.assets.find((asset) => asset.token === token)!
    const isExchange = nodes.find(({ id }) => id === from)!.kind === 'pool'
    const units = await balanceOf(isExchange ? pool : reserve.aToken, token)
    expect(units).toBeGreaterThan(0)
    const price = usd / units
    // Aave's reserve factor keeps some interest from suppliers, so a market's claims lag its cash by a little.
    if (priceUsd.has(token)) expect(price / priceUsd.get(token)!).toBeCloseTo(1, 2)
    priceUsd.set(token, price)
  }
  expect(priceUsd.get(LOCAL_WORLD.assets.find(({ symbol }) => symbol === 'USDC')!.token)).toBeCloseTo(1, 2)
})

it('is that of the block that is asked for', async () => {
  const [early, late] = [await exposure(40), await exposure()]
  expect(early.asOf[harbor.id]?.height).toBe(40)
  expect(early.totals.borrowedUsd).not.toBe(late.totals.borrowedUsd)
  expect(await exposure(40)).toEqual(early)
  await expect(exposure(-1)).rejects.toThrow(/no block of harbor at or below -1/)
})
