/** `plimsoll exposure` over the committed capture of the local world. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadConfig } from '../../src/config'
import { runExposure } from '../../src/exposure-run/command'
import { exposureText } from '../../src/exposure-run/report'
import type { TestDatabase } from '../support/database'
import { indexedLocalWorld } from '../support/local-world'

let db: TestDatabase
beforeAll(async () => {
  db = await indexedLocalWorld(60)
})
afterAll(async () => {
  await db?.drop()
})

const run = (command: Partial<Parameters<typeof runExposure>[1]> = {}) =>
  runExposure(loadConfig({ DB_URL: db.url }), { blocks: [], topAccounts: 10, ...command })

it('reports the newest block, or the one that is named', async () => {
  const text = exposureText(await run())
  expect(text).toMatch(
    /^\d+ nodes, \d+ edges, chain 31337 at block 60\nlocked \$[\d,]+, redeemable \$[\d,]+: /,
  )
  expect(text).toMatch(/aave-v3 on local issuer: \$[\d,]+/)
  expect(text).toMatch(/ % {2}asset ETH\n/)
  expect(text).toMatch(/all: borrowers \d+, HHI 0\.\d{3}, top ten [\d.]+ %/)
  expect(exposureText(await run({ blocks: ['harbor=40'] }))).toContain('chain 31337 at block 40')
})

it('holds only the protocols that are named', async () => {
  const { byProtocol } = await run({ protocols: ['uniswap-v2'] })
  expect(byProtocol.map(({ protocol }) => protocol)).toEqual(['uniswap-v2'])
})

it.each([
  [{ protocols: ['ponzi'] }, /protocol ponzi is not known/],
  [{ blocks: ['harbor=61'] }, /block 61 lies above the newest indexed block of harbor, 60/],
  [{ blocks: ['atlantis=1'] }, /no chain is called atlantis/],
  [{ blocks: ['60'] }, /60 is no block: give chain=height/],
])('refuses %j with exit code 2', async (command, says) => {
  await expect(run(command)).rejects.toThrow(says)
  await expect(run(command)).rejects.toMatchObject({ exitCode: 2 })
})
