/**
 * Records test/fixtures/local-world.ndjson.gz, a small capture of the local world, and beside it what the Aave pool itself
 * said of every account at its last block. Both come from one seed: `npx tsx scripts/record-fixture.ts` makes them again.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { positionHolders } from '../demo/accounts'
import { readAccounts } from '../demo/snapshot'
import { startWorld } from '../demo/world'
import { harbor } from '../src/chains/harbor'
import { recordCapture } from '../src/source/record'

const SEED = 7
const GENESIS_SEC = 1_700_000_000
const LEAST_HEIGHT = 60

async function main(): Promise<void> {
  const folder = resolve(__dirname, '../test/fixtures')
  mkdirSync(folder, { recursive: true })
  const world = await startWorld({
    chain: 'harbor',
    seed: SEED,
    mining: 'manual',
    timestampStart: GENESIS_SEC,
  })
  try {
    let height = 0
    let liquidations = 0
    while (height < LEAST_HEIGHT || height % harbor.scoreEveryBlocks !== 0) {
      const step = await world.step()
      height = Number(step.height)
      liquidations += step.liquidations.length
    }
    const outFile = join(folder, 'local-world.ndjson.gz')
    const recording = await recordCapture({ rpcUrl: world.rpcUrl, from: 0, to: height, outFile })
    const accounts = await readAccounts(world.client, positionHolders(), BigInt(height))
    const truth = {
      seed: SEED,
      height,
      liquidations,
      accounts: accounts.map((account) => ({
        address: account.address.toLowerCase(),
        totalCollateralBase: account.collateralE8.toString(),
        totalDebtBase: account.debtE8.toString(),
        healthFactorWad: account.healthFactorWad.toString(),
      })),
    }
    writeFileSync(join(folder, 'local-world.json'), `${JSON.stringify(truth, null, 1)}\n`)
    console.log(
      `${recording.blocks} blocks, ${recording.logs} logs, ${liquidations} liquidations → ${outFile}`,
    )
  } finally {
    await world.stop()
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
