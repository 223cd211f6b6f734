/** A pair folded from logs, its quotes and its depth, against the published factory, pair and router on a real chain. */
import { type Address, decodeFunctionResult, encodeFunctionData } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoAccount } from '../../../demo/accounts'
import { type Anvil, startAnvil } from '../../../demo/anvil'
import { loadUniswapArtifact } from '../../../demo/artifacts'
import { createWorldClient, type WorldClient } from '../../../demo/client'
import { createDeployer, type Deployer } from '../../../demo/deployer'
import { randomFor } from '../../../demo/random'
import { CHAINS } from '../../../src/chains/registry'
import type { Hex } from '../../../src/chains/types'
import { createContext, createMemoryState, foldLogs } from '../../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../../src/protocols/registry'
import type { Fact, RawLog } from '../../../src/protocols/types'
import { amountInUp, amountOutDown, uniswapV2Amm } from '../../../src/protocols/uniswap-v2/depth'
import { blockLogs } from '../../support/chain-logs'

const CHAIN_ID = 31337
const TURNS = 80
const DEADLINE = 2n ** 64n
const factoryArtifact = loadUniswapArtifact('UniswapV2Factory', 'v2-core')
const pairArtifact = loadUniswapArtifact('UniswapV2Pair', 'v2-core')
const tokenArtifact = loadUniswapArtifact('ERC20', 'v2-core')
const routerArtifact = loadUniswapArtifact('UniswapV2Router02', 'v2-periphery')

describe('a Uniswap V2 pair from logs', () => {
  let anvil: Anvil
  let client: WorldClient
  let deployer: Deployer
  let router: Address
  let pair: Hex
  let tokens: readonly [Hex, Hex]
  let follow: () => Promise<Fact[]>
  const user = demoAccount(0).address
  const state = createMemoryState()
  const reserves = () => {
    const { reserve0, reserve1 } = state.market(`${CHAIN_ID}:${pair}`)!.state
    return [BigInt(reserve0!), BigInt(reserve1!)] as const
  }

  beforeAll(async () => {
    anvil = await startAnvil({ chainId: CHAIN_ID, timestampSec: 1_750_000_000 })
    client = createWorldClient(anvil.rpcUrl, CHAIN_ID)
    deployer = await createDeployer(client)
    const factory = (await deployer.deploy(factoryArtifact, [user])).toLowerCase() as Hex
    const made = [0, 1].map(() => deployer.deploy(tokenArtifact, [10n ** 32n]))
    const found = (await Promise.all(made)).map((address) => address.toLowerCase() as Hex).sort()
    tokens = [found[0]!, found[1]!]
    router = await deployer.deploy(routerArtifact, [factory, tokens[0]])
    for (const to of tokens)
      await deployer.call({ to, abi: tokenArtifact.abi, name: 'approve', args: [router, 2n ** 255n] })
    await deployer.call({ to: factory, abi: factoryArtifact.abi, name: 'createPair', args: tokens })
    await deployer.flush()

    const context = createContext({
      ...CHAINS.harbor!,
      contracts: [
        { address: factory, protocol: 'uniswap-v2', role: 'factory', label: 'factory', deployedAtBlock: 0 },
      ],
    })
    let height = 0
    follow = async () => {
      const logs: RawLog[] = []
      const head = Number(await client.getBlockNumber())
      for (; height <= head; height++) logs.push(...(await blockLogs(client, CHAIN_ID, height)).logs)
      const folded = foldLogs(logs, PROTOCOLS_BY_TOPIC, state, context)
      expect(folded.undecodable).toEqual([])
      return folded.facts
    }
    await follow()
    pair = [...state.markets.values()][0]!.pool
    await deployer.call({ to: pair, abi: pairArtifact.abi, name: 'approve', args: [router, 2n ** 255n] })
    await send(router, 'addLiquidity', [...tokens, 3n * 10n ** 24n, 10n ** 21n, 0n, 0n, user, DEADLINE])
  })
  afterAll(async () => {
    await anvil?.stop()
  })

  const abiOf = (to: Address) =>
    to === router ? routerArtifact.abi : to === pair ? pairArtifact.abi : tokenArtifact.abi

  async function send(to: Address, name: string, args: readonly unknown[]): Promise<Fact[]> {
    await deployer.call({ to, abi: abiOf(to), name, args })
    await deployer.flush()
    return follow()
  }

  async function ask(to: Address, name: string, args: readonly unknown[]): Promise<unknown> {
    const data = encodeFunctionData({ abi: abiOf(to), functionName: name, args })
    const { data: result } = await client.call({ to, data })
    return decodeFunctionResult({ abi: abiOf(to), functionName: name, data: result! })
  }

  /** Sells through the router: its answer before, our quote and what the pair paid are one number. */
  async function sell(isToken0In: boolean, amountIn: bigint): Promise<bigint> {
    const [reserve0, reserve1] = reserves()
    const [reserveIn, reserveOut] = isToken0In ? [reserve0, reserve1] : [reserve1, reserve0]
    const path = isToken0In ? tokens : [...tokens].reverse()
    const quote = amountOutDown(amountIn, { reserveIn, reserveOut })
    expect(await ask(router, 'getAmountsOut', [amountIn, path])).toEqual([amountIn, quote])
    const facts = await send(router, 'swapExactTokensForTokens', [amountIn, 0n, path, user, DEADLINE])
    const swap = facts.find((fact): fact is Extract<Fact, { table: 'swap' }> => fact.table === 'swap')!
    const [gained, paid] = isToken0In ? [swap.amount0, -swap.amount1] : [swap.amount1, -swap.amount0]
    expect({ gained, paid, verified: swap.verified }).toEqual({
      gained: amountIn,
      paid: quote,
      verified: true,
    })
    return quote
  }

  it('has the contract’s reserves after every action, quotes what it pays, and never loses product', async () => {
    const random = randomFor('v2')
    for (let turn = 0; turn < TURNS; turn++) {
      const [reserve0, reserve1] = reserves()
      const part = BigInt(1 + random.int(400))
      const action = random.pick(['sell', 'sell', 'sell', 'add', 'remove', 'gift'])
      if (action === 'sell') {
        const isToken0In = random.chance(0.5)
        await sell(
          isToken0In,
          ((isToken0In ? reserve0 : reserve1) * part) / random.pick([500n, 10n ** 9n]) + 1_000_000n,
        )
        const [after0, after1] = reserves()
        expect(after0 * after1).toBeGreaterThanOrEqual(reserve0 * reserve1)
      } else if (action === 'add') {
        const amounts = [(reserve0 * part) / 1_000n, (reserve1 * part) / 900n]
        await send(router, 'addLiquidity', [...tokens, ...amounts, 0n, 0n, user, DEADLINE])
      } else if (action === 'remove') {
        const shares = (await ask(pair, 'balanceOf', [user])) as bigint
        await send(router, 'removeLiquidity', [...tokens, (shares * part) / 1_000n, 0n, 0n, user, DEADLINE])
      } else {
        await send(tokens[0], 'transfer', [pair, reserve0 / 10_000n])
        await (random.chance(0.5) ? send(pair, 'sync', []) : send(pair, 'skim', [user]))
      }
      expect(reserves()).toEqual(((await ask(pair, 'getReserves', [])) as readonly bigint[]).slice(0, 2))
    }
  })

  it('asks what the router asks for an exact output', async () => {
    const [reserveIn, reserveOut] = reserves()
    for (const amountOut of [1n, 12_345n, reserveOut / 3n, reserveOut - 1n]) {
      const [asked] = (await ask(router, 'getAmountsIn', [amountOut, tokens])) as readonly bigint[]
      expect(amountInUp(amountOut, { reserveIn, reserveOut })).toBe(asked)
    }
  })

  it.each([100n, 200n, 500n])(
    'moves by %i basis points when its depth is sold, one unit less does not',
    async (bps) => {
      for (const isToken0In of [true, false]) {
        const depth = uniswapV2Amm.depth(state.market(`${CHAIN_ID}:${pair}`)!.state, bps)!
        const [before0, before1] = reserves()
        const amountIn = isToken0In ? depth.down.token0In : depth.up.token1In
        const out = await sell(isToken0In, amountIn)
        expect(out).toBe(isToken0In ? depth.down.token1Out : depth.up.token0Out)
        const hasMoved = (after0: bigint, after1: bigint) =>
          isToken0In
            ? after1 * before0 * 10_000n <= before1 * after0 * (10_000n - bps)
            : after1 * before0 * 10_000n >= before1 * after0 * (10_000n + bps)
        expect(hasMoved(...reserves())).toBe(true)
        const [reserveIn, reserveOut] = isToken0In ? [before0, before1] : [before1, before0]
        const less = reserveOut - amountOutDown(amountIn - 1n, { reserveIn, reserveOut })
        const [less0, less1] = isToken0In
          ? [reserveIn + amountIn - 1n, less]
          : [less, reserveIn + amountIn - 1n]
        expect(hasMoved(less0, less1)).toBe(false)
      }
    },
  )
})
