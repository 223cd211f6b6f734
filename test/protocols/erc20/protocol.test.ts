import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../../src/chains/registry'
import type { Hex } from '../../../src/chains/types'
import { erc20 } from '../../../src/protocols/erc20/protocol'
import { createContext } from '../../../src/protocols/memory-state'
import { UndecodableLog } from '../../../src/protocols/types'
import { log, STRANGER } from '../../support/logs'

const context = createContext(CHAINS.harbor!)
const weth = CHAINS.harbor!.tokens[0]!.address
const [alice, bob]: Hex[] = [`0x${'a1'.repeat(20)}`, `0x${'b0'.repeat(20)}`]
const TRANSFER = 'Transfer(address,address,uint256)'
const MAX = 2n ** 256n - 1n
const decode = (...args: Parameters<typeof log>) => erc20.decode(log(...args), context).facts

describe('token events', () => {
  it('refuses a Transfer with a wrong number of topics, short data or an address with dirty upper bytes', () => {
    expect(() => decode(weth, TRANSFER, [alice!], [1n, 2n])).toThrow(UndecodableLog)
    expect(() => decode(weth, TRANSFER, [], [alice!, bob!, 1n])).toThrow(UndecodableLog)
    expect(() => decode(weth, TRANSFER, [alice!, bob!], [])).toThrow(/32 bytes of data, found 0/)
    expect(() => decode(weth, TRANSFER, [MAX, bob!], [1n])).toThrow(/dirty upper bytes/)
    const truncated = log(weth, TRANSFER, [alice!, bob!], [1n])
    expect(() => erc20.decode({ ...truncated, data: truncated.data.slice(0, -2) as Hex }, context)).toThrow(
      /found 31/,
    )
  })

  it('reads amounts from 0 to 2²⁵⁶ − 1', () => {
    for (const amount of [0n, 1n, MAX]) {
      expect(decode(weth, TRANSFER, [alice!, bob!], [amount])).toEqual([
        {
          table: 'token_transfer',
          subIndex: 0,
          verified: true,
          asset: weth,
          from: alice,
          to: bob,
          amount,
          tokenId: null,
          standard: 'erc20',
        },
      ])
    }
  })

  it('classifies the four-topic forms as ERC-721', () => {
    expect(decode(STRANGER, TRANSFER, [alice!, bob!, 77n], [])).toMatchObject([
      { standard: 'erc721', amount: 1n, tokenId: 77n, verified: false },
    ])
    expect(decode(STRANGER, 'Approval(address,address,uint256)', [alice!, bob!, 78n], [])).toMatchObject([
      { table: 'token_approval', standard: 'erc721', tokenId: 78n },
    ])
  })

  it('reads operator approvals and refuses a flag that is neither 0 nor 1', () => {
    const signature = 'ApprovalForAll(address,address,bool)'
    expect(decode(STRANGER, signature, [alice!, bob!], [true])).toMatchObject([
      { standard: 'all', amount: 1n },
    ])
    expect(decode(STRANGER, signature, [alice!, bob!], [false])).toMatchObject([
      { standard: 'all', amount: 0n },
    ])
    expect(() => decode(STRANGER, signature, [alice!, bob!], [2n])).toThrow(UndecodableLog)
  })

  it('yields a fact for each item of an ERC-1155 batch, and refuses arrays that do not fit', () => {
    const signature = 'TransferBatch(address,address,address,uint256[],uint256[])'
    const batch = (words: bigint[]) => decode(STRANGER, signature, [alice!, alice!, bob!], words)
    expect(batch([64n, 160n, 2n, 5n, 6n, 2n, 50n, 60n])).toMatchObject([
      { subIndex: 0, tokenId: 5n, amount: 50n, standard: 'erc1155' },
      { subIndex: 1, tokenId: 6n, amount: 60n, standard: 'erc1155' },
    ])
    expect(batch([64n, 96n, 0n, 0n])).toEqual([])
    expect(() => batch([64n, 128n, 1n, 5n, 2n, 50n, 60n])).toThrow(/differ in length/)
    expect(() => batch([64n, 96n, MAX, 0n])).toThrow(UndecodableLog)
    expect(() => batch([MAX, 96n, 0n, 0n])).toThrow(UndecodableLog)
  })
})
