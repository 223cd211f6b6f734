/** The committed model files can be made again from the data, byte for byte, and so can their figures; illicit's: beside this. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readVaultHistory } from '../../src/models/credit/events'
import { readPrices } from '../../src/models/credit/prices'
import { jsonLine, runBacktest } from '../../src/models/credit/report'
import { trainCredit } from '../../src/models/credit/train'
import { readVaults } from '../../src/models/liquidation/dataset'
import { trainLiquidation } from '../../src/models/liquidation/train'
import { readActivities } from '../../src/models/novelty/dataset'
import { trainNovelty } from '../../src/models/novelty/train'
import { modelBytes, type Trained } from '../../src/models/publish'
import { modelFolder } from '../../src/models/registry'
import { dataPath, describeWithData } from '../support/data'

const accounts = 'accounts/ethereum-fraud-accounts.csv.gz'
const vaults = 'lending/maker-eth-b'
const prices = ['prices/eth-usdt-hourly-2017-2021.csv.gz', 'prices/eth-usdt-hourly-2021-2023.csv.gz']

function expectCommitted(trained: Trained): void {
  const committed = JSON.parse(readFileSync(join(modelFolder(trained.spec.name), 'metrics.json'), 'utf8'))
  expect(createHash('sha256').update(modelBytes(trained)).digest('hex')).toBe(committed.modelSha256)
  expect(committed).toMatchObject(JSON.parse(JSON.stringify(trained.metrics)))
}

describeWithData('training liquidation again', [vaults, ...prices], () => {
  it('gives the committed file and figures', () => {
    const priceFiles = prices.map((file) => dataPath(file)!)
    expectCommitted(trainLiquidation(readVaults({ eventsFolder: dataPath(vaults)!, priceFiles })))
  })
})

describeWithData('training novelty again', [accounts], () => {
  it('gives the committed file and figures', async () => {
    expectCommitted(await trainNovelty(readActivities(dataPath(accounts)!)))
  })
})

describeWithData('training credit again', [vaults, ...prices], () => {
  it('gives the committed file and figures', () => {
    const priceFiles = prices.map((file) => dataPath(file)!)
    expectCommitted(trainCredit(readVaultHistory(dataPath(vaults)!), readPrices(priceFiles)))
  })

  it('ranks later months better than the collateral ratio does, and is calibrated there', () => {
    const result = runBacktest({
      ...{ events: dataPath(vaults)!, from: '2021-01-20', to: '2021-05-31', draws: 20 },
      ...{ prices: prices.map((file) => dataPath(file)!), dataSets: '' },
    })
    const { auc, ece, baselines } = JSON.parse(jsonLine(result))
    expect(auc).toBeGreaterThan(baselines.collateralRatio.auc)
    expect(auc).toBeGreaterThan(0.88)
    expect(ece).toBeLessThan(0.02)
  })
})
