/** Wrapped native coins: what their events become, and that the balances of the published WETH9 follow from them. */
import { type Address, decodeFunctionResult, encodeFunctionData } from 'viem'
import { describe, expect, it } from 'vitest'
import { demoAccount } from '../../../demo/accounts'
import { startAnvil } from '../../../demo/anvil'
import { loadAaveArtifact } from '../../../demo/artifacts'
import { createWorldClient } from '../../../demo/client'
import { createDeployer } from '../../../demo/deployer'
import { randomFor } from '../../../demo/random'
import { CHAINS } from '../../../src/chains/registry'
import type { Hex } from '../../../src/chains/types'
import { wrappedNativeContract } from '../../../src/chains/wrapped-native'
import { createContext, createMemoryState, foldLogs } from '../../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../../src/protocols/registry'
import { blockLogs } from '../../support/chain-logs'
import { ALICE, BOB, eventLog, factsUnder } from '../../support/event-logs'
import { STRANGER } from '../../support/logs'

const ethereum = CHAINS.ethereum!
const WETH: Hex = '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2'
const DEPOSIT = 'event Deposit(address indexed dst, uint256 wad)'
const WITHDRAWAL = 'event Withdrawal(address indexed src, uint256 wad)'
const ZERO: Hex = `0x${'0'.repeat(40)}`

describe('wrapped native coins', () => {
  it('are minted by a deposit and burnt by a withdrawal', () => {
    const what = { table: 'token_transfer', asset: WETH, tokenId: null, standard: 'erc20', verified: true }
    expect(
      factsUnder(
        ethereum,
        eventLog(WETH, DEPOSIT, { dst: ALICE, wad: 5n }),
        eventLog(WETH, WITHDRAWAL, { src: BOB, wad: 3n }),
      ),
    ).toEqual([
      { ...what, subIndex: 0, from: ZERO, to: ALICE, amount: 5n },
      { ...what, subIndex: 0, from: BOB, to: ZERO, amount: 3n },
    ])
  })

  it('of contracts that no chain file lists say nothing, nor do listed tokens of another kind', () => {
    const usdc = ethereum.tokens.find(({ symbol }) => symbol === 'USDC')!.address
    for (const emitter of [STRANGER, usdc])
      expect(factsUnder(ethereum, eventLog(emitter, DEPOSIT, { dst: ALICE, wad: 5n }))).toEqual([])
  })

  it('are listed where they are a token of the chain', () => {
    for (const chain of Object.values(CHAINS)) {
      for (const { address } of chain.contracts.filter(({ protocol }) => protocol === 'wrapped-native'))
        expect(chain.tokens.map((token) => token.address)).toContain(address)
    }
  })
})

describe('the published WETH9', () => {
  it('holds what transfers, deposits and withdrawals add up to', async () => {
    const chainId = 31337
    const anvil = await startAnvil({ chainId, timestampSec: 1_750_000_000 })
    try {
      const client = createWorldClient(anvil.rpcUrl, chainId)
      const users = [0, 1, 2].map((index) => demoAccount(index).address)
      const { abi, bytecode } = loadAaveArtifact('WETH9')
      const deployer = await createDeployer(client)
      const weth = (await deployer.deploy({ abi, bytecode }, [])).toLowerCase() as Hex
      const random = randomFor('weth').float
      const some = () => BigInt(1 + Math.floor(random() * 1e9))
      for (let turn = 0; turn < 30; turn++) {
        const amount = some()
        const to = users[turn % 3]!
        if (turn % 3 === 2) await deployer.call({ to: weth, abi, name: 'withdraw', args: [amount / 2n] })
        else await deployer.call({ to: weth, abi, name: 'deposit', args: [], valueWei: 10n ** 9n + amount })
        await deployer.call({ to: weth, abi, name: 'transfer', args: [to, amount / 9n] })
        await deployer.flush()
      }
      const chain = { ...ethereum, id: chainId, contracts: [wrappedNativeContract(weth)] }
      const held = new Map<Hex, bigint>()
      const head = Number(await client.getBlockNumber())
      for (let height = 0; height <= head; height++) {
        const { logs } = await blockLogs(client, chainId, height)
        const { facts } = foldLogs(logs, PROTOCOLS_BY_TOPIC, createMemoryState(), createContext(chain))
        for (const fact of facts) {
          if (fact.table !== 'token_transfer') continue
          held.set(fact.from, (held.get(fact.from) ?? 0n) - fact.amount)
          held.set(fact.to, (held.get(fact.to) ?? 0n) + fact.amount)
        }
      }
      const ask = async (account: Address) => {
        const data = encodeFunctionData({ abi, functionName: 'balanceOf', args: [account] })
        const { data: result } = await client.call({ to: weth, data })
        return decodeFunctionResult({ abi, functionName: 'balanceOf', data: result! })
      }
      for (const user of users) expect(held.get(user.toLowerCase() as Hex)).toBe(await ask(user))
      expect(held.get(users[0]!.toLowerCase() as Hex)).toBeGreaterThan(0n)
    } finally {
      await anvil.stop()
    }
  })
})
