/**
 * Builds one local chain from nothing: tokens and feeds, Aave, the treasury's stock, Uniswap, the actors' purses.
 *
 * The order below decides every address (they are creations by account 0), so append, never insert; the expected
 * result is src/chains/local-world.ts.
 */
import { type Address, isAddressEqual } from 'viem'
import { LOCAL_WORLD, type LocalWorldAddresses } from '../src/chains/local-world'
import { deployAave } from './aave'
import type { WorldClient } from './client'
import { createDeployer } from './deployer'
import { fundActors, fundTreasury } from './funding'
import { ASSETS, deployTokens } from './tokens'
import { deployUniswap } from './uniswap'

/** Deploys everything; returns the addresses in the shape of the constants. Throws if any set-up call fails. */
export async function deployWorld(
  client: WorldClient,
  nextTimestampSec?: () => number,
): Promise<LocalWorldAddresses> {
  const deployer = await createDeployer(client, nextTimestampSec)
  const tokens = await deployTokens(deployer)
  const aave = await deployAave(deployer, tokens)
  await fundTreasury(deployer, tokens, aave.pool)
  const uniswap = await deployUniswap(deployer, tokens)
  await fundActors(deployer, tokens)
  const lower = (address: Address) => address.toLowerCase() as Address
  return {
    aave: {
      poolAddressesProvider: lower(aave.poolAddressesProvider),
      pool: lower(aave.pool),
      poolConfigurator: lower(aave.poolConfigurator),
      aclManager: lower(aave.aclManager),
      oracle: lower(aave.oracle),
      dataProvider: lower(aave.dataProvider),
    },
    uniswapV2: { factory: lower(uniswap.factory), router: lower(uniswap.router), pair: lower(uniswap.pair) },
    assets: ASSETS.map(({ symbol, decimals }, index) => ({
      symbol,
      decimals,
      token: lower(tokens[index]!.token),
      feed: lower(tokens[index]!.feed),
      aToken: lower(aave.reserves[index]!.aToken),
      stableDebtToken: lower(aave.reserves[index]!.stableDebtToken),
      variableDebtToken: lower(aave.reserves[index]!.variableDebtToken),
      interestRateStrategy: lower(aave.reserves[index]!.interestRateStrategy),
    })),
  }
}

/** Whether this chain already carries the world: it has code where the pool belongs. */
export async function isDeployed(client: WorldClient): Promise<boolean> {
  const code = await client.getCode({ address: LOCAL_WORLD.aave.pool })
  return code !== undefined && code !== '0x'
}

/** Throws when a fresh deployment differs from the committed constants, naming the first difference. */
export function assertExpectedAddresses(found: LocalWorldAddresses): void {
  const [have, want] = [flatten(found), flatten(LOCAL_WORLD)]
  for (const [path, address] of have) {
    const expected = want.get(path)
    if (expected !== undefined && isAddressEqual(expected, address)) continue
    throw new Error(
      `the local world deployed ${path} at ${address}; src/chains/local-world.ts says ${expected}`,
    )
  }
}

function flatten({ aave, uniswapV2, assets }: LocalWorldAddresses): Map<string, Address> {
  const all = new Map<string, Address>([...Object.entries(aave), ...Object.entries(uniswapV2)])
  for (const { symbol, decimals: _, ...addresses } of assets) {
    for (const [name, address] of Object.entries(addresses)) all.set(`${symbol}.${name}`, address)
  }
  return all
}
