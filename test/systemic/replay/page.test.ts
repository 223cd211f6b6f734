/** docs/systemic.md holds what `plimsoll replay` prints: a figure that no longer comes out is noticed. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { replaceSection } from '../../../src/systemic/replay/markdown'
import { runReplay } from '../../../src/systemic/replay/replay-command'
import { dataPath, describeWithData } from '../../support/data'

const FILES = [
  'systemic/morpho-2025-11/block1_markets_graphql.csv.gz',
  'lending/aave-v1-liquidations.ndjson.gz',
  'lending/aave-v2-liquidations.csv.gz',
  'lending/arbitrum-liquidations.ndjson.gz',
  'lending/maker-eth-b/ethb_vault_liquidations.csv.gz',
  'prices/eth-usdt-hourly-2021-2023.csv.gz',
]

describeWithData('docs/systemic.md', FILES, () => {
  const dataSets = resolve(dirname(dataPath(FILES[5]!)!), '..')
  const page = readFileSync(resolve(__dirname, '../../../docs/systemic.md'), 'utf8')
  it.each(['morpho-2025-11', 'liquidations', 'maker-eth-b'])('%s', (event) => {
    expect(replaceSection(page, event, runReplay(event, dataSets).markdown)).toBe(page)
  })
})
