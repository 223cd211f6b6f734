import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/math/statistics'
import { stressInThreads } from '../../src/stress-run/threads'
import { constantProductDepth } from '../../src/systemic/depth'
import { tilesOf } from '../../src/systemic/stress/draws'
import { STRESS_DEFAULTS } from '../../src/systemic/stress/request'
import { runStress } from '../../src/systemic/stress/run'
import { ETH, madeBook, USDC, WSTETH } from '../systemic/made-book'

const random = seededRandom(3)
const flat = madeBook(
  Array.from({ length: 40 }, (_, i) => {
    const eth = 1 + 20 * random()
    return {
      account: `0x${i}`,
      pool: i % 2,
      collaterals: i % 5 === 0 ? [[ETH, eth] as const, [WSTETH, 2] as const] : [[ETH, eth] as const],
      debts: [[USDC, eth * 2_000 * (0.3 + 0.45 * random())] as const],
    }
  }),
)
const book = {
  ...flat,
  assets: flat.assets.map((asset, a) =>
    a === ETH ? { ...asset, depth: constantProductDepth({ reserve: 400, price: asset.priceUsd }) } : asset,
  ),
}
const request = { ...STRESS_DEFAULTS, scenario: 'eth-30', scenarios: 4_100 }

describe('a stress test in threads', () => {
  it('gives the figures of one thread to the bit, and says how far it is', async () => {
    expect(tilesOf(book, request.scenarios).length).toBeGreaterThan(2)
    const { elapsedMs: _, ...alone } = runStress(book, request)
    const seen: [number, number][] = []
    const found = await stressInThreads(
      { book, request, history: undefined },
      { threads: 2, onProgress: (done, of) => seen.push([done, of]) },
    )
    expect(found).toEqual(alone)
    expect(found.total.expectedBadDebtUsd).toBeGreaterThan(0)
    expect(found.topPositions.length + found.topParameters.length).toBeGreaterThan(2)
    const done = seen.map(([count]) => count)
    expect(done).toEqual([...done].sort((a, b) => a - b))
    expect(seen.at(-1)![0]).toBe(seen.at(-1)![1])
  })

  it('refuses what one thread refuses, before any is started', async () => {
    const bad = { ...request, scenario: 'sunshine' }
    const run = stressInThreads(
      { book, request: bad, history: undefined },
      { threads: 2, onProgress: () => undefined },
    )
    await expect(run).rejects.toMatchObject({ exitCode: 2, message: 'no scenario is called sunshine' })
  })

  it('ends when its caller throws', async () => {
    const stop = () => {
      throw new Error('enough')
    }
    const run = stressInThreads({ book, request, history: undefined }, { threads: 2, onProgress: stop })
    await expect(run).rejects.toThrow('enough')
  })
})
