/** What a source is asked for. */
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../src/chains/registry'
import { logFilters } from '../../src/processor/filters'
import { topicOf } from '../../src/protocols/log-shape'
import { PROTOCOLS } from '../../src/protocols/registry'

const TRANSFER = topicOf('Transfer(address,address,uint256)')

describe('log filters', () => {
  it('of a chain that keeps listed tokens only ask nobody else for transfers, though lending tokens emit them', () => {
    const base = CHAINS.base!
    expect(base.tokenLogs).toBe('listed')
    const filters = logFilters(base, Object.values(PROTOCOLS)).filter(({ topic0 }) =>
      topic0.includes(TRANSFER),
    )
    expect(filters.length).toBeGreaterThan(1)
    for (const { address } of filters) expect(address?.length).toBeGreaterThan(0)
    const comet = base.contracts.find(({ role }) => role === 'comet')!.address
    expect(filters.some(({ address }) => address?.includes(comet))).toBe(true)
  })

  it('ask any emitter for a topic that protocols read of anyone', () => {
    const [open] = logFilters(CHAINS.base!, Object.values(PROTOCOLS))
    expect(open!.address).toBeUndefined()
    expect(open!.topic0).toContain(topicOf('Supply(address,address,uint256)'))
    expect(new Set(open!.topic0).size).toBe(open!.topic0.length)
  })
})
