import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoAccount, demoPrivateKeys } from '../../demo/accounts'
import { type Anvil, startAnvil } from '../../demo/anvil'
import { aaveAbi, loadArtifact } from '../../demo/artifacts'
import { createWorldClient, type WorldClient } from '../../demo/client'
import { deployWorld, isDeployed } from '../../demo/deploy'
import { deployOracle } from '../../demo/oracle'
import { ASSETS } from '../../demo/tokens'
import {
  LOCAL_ORACLE,
  LOCAL_SETUP_BLOCKS,
  LOCAL_WORLD,
  type LocalWorldAddresses,
} from '../../src/chains/local-world'

describe('a fresh deployment of the local world', () => {
  let anvil: Anvil
  let client: WorldClient
  let found: LocalWorldAddresses

  beforeAll(async () => {
    anvil = await startAnvil({ chainId: 31337, timestampSec: 1_700_000_000 })
    client = createWorldClient(anvil.rpcUrl, 31337)
    expect(await isDeployed(client)).toBe(false)
    found = await deployWorld(client)
    await deployOracle(client)
  })
  afterAll(() => anvil?.stop())

  it('lands on the committed addresses, within the reserved blocks', async () => {
    expect(found).toEqual(LOCAL_WORLD)
    expect(await isDeployed(client)).toBe(true)
    expect(Number(await client.getBlockNumber())).toBeLessThanOrEqual(LOCAL_SETUP_BLOCKS)
  })

  it('lists every asset as a borrowable reserve of pool revision 1 with its risk parameters', async () => {
    const { pool, dataProvider } = LOCAL_WORLD.aave
    const read = (address: `0x${string}`, contract: string, functionName: string, args: unknown[] = []) =>
      client.readContract({ address, abi: aaveAbi(contract), functionName, args })
    expect(await read(pool, 'Pool', 'POOL_REVISION')).toBe(1n)
    const listed = (await read(pool, 'Pool', 'getReservesList')) as string[]
    expect(listed.map((token) => token.toLowerCase())).toEqual(LOCAL_WORLD.assets.map(({ token }) => token))
    for (const [index, spec] of ASSETS.entries()) {
      const token = LOCAL_WORLD.assets[index]!.token
      const configuration = await read(
        dataProvider,
        'AaveProtocolDataProvider',
        'getReserveConfigurationData',
        [token],
      )
      const [decimals, ltv, threshold, bonus, factor, , borrowable] = configuration as bigint[]
      expect([decimals, ltv, threshold, bonus, factor, borrowable]).toEqual([
        BigInt(spec.decimals),
        BigInt(spec.ltvBps),
        BigInt(spec.liquidationThresholdBps),
        BigInt(spec.liquidationBonusBps),
        BigInt(spec.reserveFactorBps),
        true,
      ])
    }
  })

  it('prices every asset through its feed, also in the protocol', async () => {
    const { abi } = loadArtifact('PriceFeed')
    for (const [index, { token, feed }] of LOCAL_WORLD.assets.entries()) {
      const round = await client.readContract({ address: feed, abi, functionName: 'latestRoundData' })
      expect((round as bigint[])[1]).toBe(ASSETS[index]!.basePriceE8)
      const price = await client.readContract({
        address: LOCAL_WORLD.aave.oracle,
        abi: aaveAbi('AaveOracle'),
        functionName: 'getAssetPrice',
        args: [token],
      })
      expect(price).toBe(ASSETS[index]!.basePriceE8)
    }
  })

  it('refuses a price from anyone but the transmitter', async () => {
    const { abi } = loadArtifact('PriceFeed')
    const address = LOCAL_WORLD.assets[0]!.feed
    const post = (from: number, answer: bigint) =>
      client.simulateContract({
        address,
        abi,
        functionName: 'setAnswer',
        args: [answer],
        account: demoAccount(from).address,
      })
    await expect(post(0, 1n)).rejects.toThrow('NotTransmitter')
    await expect(post(6, 0n)).rejects.toThrow('BadAnswer')
    await expect(post(6, 1n)).resolves.toBeDefined()
  })

  it('carries a RiskOracle that wants three of four signatures and has a feed per asset and chain', async () => {
    const { abi } = loadArtifact('RiskOracle')
    const read = (functionName: string) =>
      client.readContract({ address: LOCAL_ORACLE.riskOracle, abi, functionName })
    expect(await read('quorum')).toBe(3n)
    expect(await read('signers')).toEqual([2, 3, 4, 5].map((index) => demoAccount(index).address))
    expect(await read('feedIds')).toHaveLength(2 * ASSETS.length)
  })

  it('derives the well-known development keys', () => {
    expect(demoPrivateKeys()[0]).toBe('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
    expect(demoAccount(1).address).toBe('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
  })
})
