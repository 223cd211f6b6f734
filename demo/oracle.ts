/**
 * Puts the RiskOracle on harbor: 3 of 4 signatures from accounts 2 to 5, one feed per lending reserve and chain.
 *
 * It is created after everything else, so its address is a constant like all others.
 */
import type { Address } from 'viem'
import { LOCAL_CHAIN_IDS, LOCAL_ORACLE, LOCAL_WORLD, type LocalOracle } from '../src/chains/local-world'
import { CAST, demoAccount, indexesOf } from './accounts'
import { loadArtifact } from './artifacts'
import type { WorldClient } from './client'
import { createDeployer } from './deployer'

const NO_GROUP = `0x${'0'.repeat(64)}`

/**
 * Risk is 0..1 with 8 decimals. It may move by half of its range a round; it is told again every two minutes. A value
 * is 12 to 17 s old when it is proposed (finality, scoring rounds); at more than 180 s the indexer has stalled.
 */
const RAILS = {
  minAnswer: 0n,
  maxAnswer: 100_000_000n,
  changeFloor: 100_000_000n,
  maxChangeBps: 5_000,
  deviationBps: 100,
  minDelaySec: 5,
  heartbeatSec: 120,
  maxAgeSec: 180,
}

/** Deploys registry, oracle and feeds; throws when the addresses differ from the constants. */
export async function deployOracle(
  client: WorldClient,
  nextTimestampSec?: () => number,
): Promise<LocalOracle> {
  const deployer = await createDeployer(client, nextTimestampSec)
  const { abi, bytecode } = loadArtifact('RiskOracle')
  const signers = indexesOf(CAST.oracleSigners).map((index) => demoAccount(index).address)
  const modelRegistry = await deployer.deploy(loadArtifact('ModelRegistry'), [deployer.admin])
  const riskOracle = await deployer.deploy({ abi, bytecode }, [deployer.admin, signers, 1n])
  for (const chainId of Object.values(LOCAL_CHAIN_IDS)) {
    for (const { token } of LOCAL_WORLD.assets) {
      const args = [BigInt(chainId), token, LOCAL_ORACLE.metric, NO_GROUP, RAILS]
      await deployer.call({ to: riskOracle, abi, name: 'createFeed', args })
    }
  }
  await deployer.flush()
  const found = { ...LOCAL_ORACLE, modelRegistry: lower(modelRegistry), riskOracle: lower(riskOracle) }
  for (const name of ['modelRegistry', 'riskOracle'] as const) {
    if (found[name] === LOCAL_ORACLE[name]) continue
    throw new Error(
      `${name} was deployed at ${found[name]}; src/chains/local-world.ts says ${LOCAL_ORACLE[name]}`,
    )
  }
  return found
}

function lower(address: Address): Address {
  return address.toLowerCase() as Address
}
