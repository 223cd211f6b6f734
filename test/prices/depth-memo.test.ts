import { expect, it } from 'vitest'
import { depthOf } from '../../src/prices/depth-memo'
import type { Amm } from '../../src/protocols/amm'
import { uniswapV2Amm } from '../../src/protocols/uniswap-v2/depth'

const state = { factory: '0x01', reserve0: '20000000000000', reserve1: '10000000000000000000000' }

it('gives what the exchange’s own arithmetic gives, and asks it once', () => {
  let asked = 0
  const counting: Amm = {
    ...uniswapV2Amm,
    depth(...args) {
      asked++
      return uniswapV2Amm.depth(...args)
    },
  }
  const question = { protocol: 'counted', state, depthBps: 200n }
  expect(depthOf(counting, question)).toEqual(uniswapV2Amm.depth(state, 200n))
  expect(depthOf(counting, { ...question, state: { ...state } })).toEqual(uniswapV2Amm.depth(state, 200n))
  expect(asked).toBe(1)
})

it('keeps protocols, parts and states apart', () => {
  const ask = (protocol: string, depthBps: bigint, reserve0 = state.reserve0) =>
    depthOf(uniswapV2Amm, { protocol, state: { ...state, reserve0 }, depthBps })
  const first = ask('apart', 200n)
  expect(ask('apart', 300n)).not.toEqual(first)
  expect(ask('apart', 200n, '30000000000000')).not.toEqual(first)
  expect(ask('other', 200n)).toEqual(first)
})
