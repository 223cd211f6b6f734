/** What every chain file must satisfy. A new chain inherits these checks from its line in the registry. */
import { describe, expect, it } from 'vitest'
import { CHAINS, chainById } from '../../src/chains/registry'
import { PROTOCOLS } from '../../src/protocols/registry'

const ADDRESS = /^0x[0-9a-f]{40}$/
const chains = Object.entries(CHAINS)

describe('the registry of chains', () => {
  it('has unique ids and finds a chain by its id', () => {
    expect(new Set(chains.map(([, chain]) => chain.id)).size).toBe(chains.length)
    for (const [, chain] of chains) expect(chainById(chain.id)).toBe(chain)
    expect(chainById(123_456_789)).toBeUndefined()
  })

  it('keeps local chains apart from public ones', () => {
    const local = chains.filter(([, chain]) => chain.kind === 'local').map(([, chain]) => chain.id)
    expect(local.sort()).toEqual([31337, 31338])
  })
})

describe.each(chains)('chain %s', (name, chain) => {
  it('goes by its key and has sane measures', () => {
    expect(chain.name).toBe(name)
    expect(name).toMatch(/^[a-z][a-z0-9]*$/)
    expect(chain.title.length).toBeGreaterThan(0)
    for (const value of [chain.id, chain.finalityDepthBlocks, chain.scoreEveryBlocks]) {
      expect(Number.isSafeInteger(value) && value > 0).toBe(true)
    }
    expect(chain.blockTimeSec).toBeGreaterThan(0)
    expect(Number.isSafeInteger(chain.startBlock) && chain.startBlock >= 0).toBe(true)
  })

  it('lists lower-case addresses, each once', () => {
    for (const list of [chain.tokens, chain.feeds, chain.contracts]) {
      for (const { address } of list) expect(address).toMatch(ADDRESS)
    }
    // A wrapped coin is a token and a contract whose own events are read.
    const contracts = chain.contracts.filter(({ protocol }) => protocol !== 'wrapped-native')
    const all = [...chain.tokens, ...chain.feeds, ...contracts].map(({ address }) => address)
    expect(new Set(all).size).toBe(all.length)
  })

  it('has tokens with decimals and feeds that price listed tokens', () => {
    for (const { decimals, symbol, name: full } of chain.tokens) {
      expect(Number.isInteger(decimals) && decimals >= 0 && decimals <= 36).toBe(true)
      expect(symbol.length * full.length).toBeGreaterThan(0)
    }
    const tokens = new Set(chain.tokens.map(({ address }) => address))
    for (const { asset, decimals } of chain.feeds) {
      expect(tokens.has(asset)).toBe(true)
      expect(decimals).toBe(8)
    }
  })

  it('names known protocols, and links contracts that are listed too', () => {
    const listed = new Map(chain.contracts.map((contract) => [contract.address, contract]))
    const tokens = new Set(chain.tokens.map(({ address }) => address))
    for (const { protocol, role, links, deployedAtBlock } of chain.contracts) {
      expect(Object.keys(PROTOCOLS)).toContain(protocol)
      expect(Number.isSafeInteger(deployedAtBlock) && deployedAtBlock >= 0).toBe(true)
      if (protocol === 'aave-v3' && role !== 'pool')
        expect(listed.get(links?.pool ?? '0x')?.role).toBe('pool')
      for (const link of [links?.base, links?.underlying]) if (link) expect(tokens.has(link)).toBe(true)
    }
  })

  it('lists prices of Pyth for listed tokens, each token and each price once', () => {
    const feeds = chain.pythFeeds ?? []
    const tokens = new Set(chain.tokens.map(({ address }) => address))
    for (const { id, asset, expo } of feeds) {
      expect(id).toMatch(/^0x[0-9a-f]{64}$/)
      expect(tokens.has(asset)).toBe(true)
      expect(expo).toBe(-8)
    }
    expect(new Set(feeds.map(({ id }) => id)).size).toBe(feeds.length)
    expect(new Set(feeds.map(({ asset }) => asset)).size).toBe(feeds.length)
    const pyths = chain.contracts.filter(({ protocol }) => protocol === 'pyth')
    if (feeds.length > 0) expect(pyths).toHaveLength(1)
  })

  it('says where each bridge leads, to a chain that lists the other end', () => {
    for (const { protocol, remoteChainId } of chain.contracts) {
      if (!protocol.startsWith('bridge-')) continue
      const remote = chainById(remoteChainId!)
      const ends = remote?.contracts.filter((entry) => entry.remoteChainId === chain.id) ?? []
      const children = remote?.tokens.filter((token) => token.polygonPosRootChainId === chain.id) ?? []
      expect(ends.length + children.length, `${protocol} to ${remoteChainId}`).toBeGreaterThan(0)
    }
  })

  it('lists a rate model with its Morpho', () => {
    const morphos = chain.contracts.filter(({ role }) => role === 'morpho').map(({ address }) => address)
    const models = chain.contracts.filter(({ role }) => role === 'adaptiveCurveIrm')
    expect(models.map(({ links }) => links?.morpho)).toEqual(morphos)
  })

  it('gives a pool revision only where the arithmetic of that revision is known', () => {
    for (const { protocol, role, revision } of chain.contracts) {
      if (protocol === 'aave-v3' && role === 'pool' && revision !== undefined)
        expect([1, 10]).toContain(revision)
    }
  })
})
