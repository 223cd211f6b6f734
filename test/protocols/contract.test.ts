/** What every protocol must satisfy. A new protocol inherits these checks from its line in the registry. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { keccak256, stringToBytes } from 'viem'
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../src/chains/registry'
import type { Hex } from '../../src/chains/types'
import { createContext } from '../../src/protocols/memory-state'
import { PROTOCOLS, PROTOCOLS_BY_TOPIC } from '../../src/protocols/registry'
import { type Decoded, type Protocol, type RawLog, UndecodableLog } from '../../src/protocols/types'
import { dataPath, describeWithData } from '../support/data'
import { block, STRANGER, word } from '../support/logs'

const harbor = CHAINS.harbor!
const protocols = Object.entries(PROTOCOLS)

/** Decodes, or returns the reason why not; any other error is a failure of the test. */
function attempt(protocol: Protocol, log: RawLog): Decoded | string {
  try {
    return protocol.decode(log, createContext(harbor))
  } catch (error) {
    if (error instanceof UndecodableLog) return error.reason
    throw error
  }
}

function shaped(topics: readonly Hex[], data: Hex, address: Hex = STRANGER): RawLog {
  return {
    block: block(harbor.id),
    logIndex: 3,
    txIndex: 1,
    txHash: `0x${'22'.repeat(32)}`,
    address,
    topics,
    data,
  }
}

/** Every shape an event can have, filled with small values that fit any static type and dynamic arrays of none. */
function wellFormed(topic0: Hex, address: Hex): RawLog[] {
  const logs: RawLog[] = []
  for (let indexed = 0; indexed <= 3; indexed++) {
    for (let words = 0; words <= 8; words++) {
      const topics = [topic0, ...Array.from({ length: indexed }, (_, i): Hex => `0x${word(i + 1)}`)]
      logs.push(shaped(topics, `0x${word(1).repeat(words)}`, address))
    }
  }
  const empty = [64n, 96n, 0n, 0n].map(word).join('')
  logs.push(shaped([topic0, ...[1, 2, 3].map((i): Hex => `0x${word(i)}`)], `0x${empty}`, address))
  // Nine words, each of which may be the place of an empty dynamic argument after them.
  const head = word(9 * 32).repeat(9)
  for (let indexed = 0; indexed <= 3; indexed++) {
    const topics = [topic0, ...Array.from({ length: indexed }, (_, i): Hex => `0x${word(i + 1)}`)]
    logs.push(shaped(topics, `0x${head}${word(0)}`, address))
  }
  return logs
}

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size })
const hex = (value: Uint8Array): Hex => `0x${Buffer.from(value).toString('hex')}`
const anyLog = (topics: readonly Hex[]) =>
  fc
    .record({
      topic0: fc.constantFrom(...topics),
      rest: fc.array(
        fc.oneof(
          bytes(32).map(hex),
          fc.nat(9).map((n): Hex => `0x${word(n)}`),
        ),
        { maxLength: 4 },
      ),
      data: fc.oneof(
        fc.uint8Array({ maxLength: 400 }).map(hex),
        fc.array(fc.nat(200), { maxLength: 9 }).map((words): Hex => `0x${words.map(word).join('')}`),
      ),
      address: fc.constantFrom(
        STRANGER,
        ...harbor.contracts.map((contract) => contract.address),
        harbor.feeds[0]!.address,
      ),
    })
    .map(({ topic0, rest, data, address }) => shaped([topic0, ...rest], data, address))

describe.each(protocols)('protocol %s', (name, protocol) => {
  it('goes by its key, with a positive decoder version and distinct topics', () => {
    expect(protocol.name).toBe(name)
    expect(Number.isSafeInteger(protocol.decoderVersion) && protocol.decoderVersion > 0).toBe(true)
    expect(new Set(protocol.topics).size).toBe(protocol.topics.length)
    for (const topic of protocol.topics) {
      expect(topic).toMatch(/^0x[0-9a-f]{64}$/)
      expect(PROTOCOLS_BY_TOPIC.get(topic)).toContain(protocol)
    }
  })

  it('classifies or refuses malformed logs, and never fails otherwise', () => {
    fc.assert(
      fc.property(anyLog(protocol.topics), (log) => {
        const first = attempt(protocol, log)
        expect(attempt(protocol, log)).toEqual(first)
      }),
      { numRuns: 1_500 },
    )
  })

  it('decodes some shape of every event it claims, and refuses the same with a word too few', () => {
    for (const topic of protocol.topics) {
      const fitting = wellFormed(topic, STRANGER).filter((log) => typeof attempt(protocol, log) !== 'string')
      expect(fitting.length, topic).toBeGreaterThan(0)
      const shortest = fitting[0]!
      if (shortest.data.length <= 2) continue
      const short = { ...shortest, data: shortest.data.slice(0, -2) as Hex }
      const answer = attempt(protocol, short)
      const classified = typeof answer !== 'string' && answer.facts.length === 0
      expect(typeof answer === 'string' || classified, `${topic} with short data`).toBe(true)
    }
  })

  it('believes no stranger: unverified facts, no events, nothing announced', () => {
    let facts = 0
    for (const topic of protocol.topics) {
      for (const log of wellFormed(topic, STRANGER)) {
        const context = createContext(harbor)
        const announced: string[] = []
        context.markets.add = (market) => void announced.push(market.id)
        let decoded: Decoded
        try {
          decoded = protocol.decode(log, context)
        } catch (error) {
          expect(error).toBeInstanceOf(UndecodableLog)
          continue
        }
        expect(decoded.events).toEqual([])
        expect(announced).toEqual([])
        for (const fact of decoded.facts) {
          expect(fact.verified).toBe(false)
          if (fact.table === 'lending_event') expect(fact.pool).toBeNull()
          facts++
        }
      }
    }
    // Only a protocol that reads any emitter has anything to say of strangers.
    expect(facts > 0).toBe(protocol.anyEmitter)
  })
})

describe('discovery', () => {
  it('happens only by the topics that a protocol declares, so that a backfill can read them first', () => {
    const announcing = new Set<string>()
    for (const chain of Object.values(CHAINS)) {
      for (const [name, protocol] of protocols) {
        for (const { address } of chain.contracts.filter((contract) => contract.protocol === name)) {
          for (const topic of protocol.topics) {
            for (const log of wellFormed(topic, address)) {
              const context = createContext(chain)
              context.markets.add = () => void announcing.add(`${name} ${topic}`)
              try {
                protocol.decode(log, context)
              } catch (error) {
                expect(error).toBeInstanceOf(UndecodableLog)
              }
            }
          }
        }
      }
    }
    const declared = protocols.flatMap(([name, { discoveryTopics = [] }]) =>
      discoveryTopics.map((topic) => `${name} ${topic}`),
    )
    expect([...announcing].filter((entry) => !declared.includes(entry))).toEqual([])
    expect(announcing.size).toBeGreaterThan(2)
  })
})

describe('protocols together', () => {
  it('never count a log twice: at most one protocol yields facts of a table for it', () => {
    for (const chain of [CHAINS.ethereum!, CHAINS.polygon!]) {
      const emitters = [STRANGER, ...[...chain.contracts, ...chain.tokens].map(({ address }) => address)]
      for (const [topic, claimants] of PROTOCOLS_BY_TOPIC) {
        if (claimants.length < 2) continue
        for (const emitter of emitters) {
          for (const log of wellFormed(topic, emitter)) {
            const tables = claimants.flatMap((protocol) => {
              try {
                return [
                  ...new Set(protocol.decode(log, createContext(chain)).facts.map(({ table }) => table)),
                ]
              } catch {
                return []
              }
            })
            expect(tables.length, `${topic} of ${emitter}`).toBe(new Set(tables).size)
          }
        }
      }
    }
  })
})

const USED: Record<string, string[]> = {
  'aave-v3': ['aave_v3'],
  'aave-v2': ['aave_v2_extra'],
  chainlink: ['AnswerUpdated(int256,uint256,uint256)'],
  'compound-v2': [
    'Mint(address,uint256,uint256)',
    'Redeem(address,uint256,uint256)',
    'Borrow(address,uint256,uint256,uint256)',
    'RepayBorrow(address,address,uint256,uint256,uint256)',
    'LiquidateBorrow(address,address,uint256,address,uint256)',
    'compound_v2',
  ],
  'compound-v3': [
    'Supply(address,address,uint256)',
    'Withdraw(address,address,uint256)',
    'SupplyCollateral(address,address,address,uint256)',
    'WithdrawCollateral(address,address,address,uint256)',
    'AbsorbDebt(address,address,uint256,uint256)',
    'AbsorbCollateral(address,address,address,uint256,uint256)',
    'compound_v3',
  ],
  erc20: [
    'Transfer(address,address,uint256)',
    'Approval(address,address,uint256)',
    'ApprovalForAll(address,address,bool)',
  ],
  maker: ['maker'],
  'uniswap-v2': [
    'Swap(address,uint256,uint256,uint256,uint256,address)',
    'Sync(uint112,uint112)',
    'PairCreated(address,address,address,uint256)',
  ],
  'uniswap-v3': [
    'Swap(address,address,int256,int256,uint160,uint128,int24)',
    'PoolCreated(address,address,uint24,int24,address)',
    'Flash(address,address,uint256,uint256,uint256,uint256)',
    'Mint(address,address,int24,int24,uint128,uint256,uint256)',
    'Burn(address,int24,int24,uint128,uint256,uint256)',
    'Collect(address,address,int24,int24,uint128,uint128)',
    'Initialize(uint160,int24)',
    'SetFeeProtocol(uint8,uint8,uint8,uint8)',
    'CollectProtocol(address,address,uint128,uint128)',
  ],
  'morpho-blue': ['morpho_blue'],
  pyth: ['PriceFeedUpdate(bytes32,uint64,int64,uint64)'],
  admin: [
    'CallScheduled(bytes32,uint256,address,uint256,bytes,bytes32,uint256)',
    'CallExecuted(bytes32,uint256,address,uint256,bytes)',
    'MinDelayChange(uint256,uint256)',
    'ProposalCreated(uint256,address,address[],uint256[],string[],bytes[],uint256,uint256,string)',
    'ProposalQueued(uint256,uint256)',
    'ProposalExecuted(uint256)',
    'OwnershipTransferred(address,address)',
    'RoleGranted(bytes32,address,address)',
    'RoleRevoked(bytes32,address,address)',
    'Upgraded(address)',
    'AdminChanged(address,address)',
    'BeaconUpgraded(address)',
    'Paused(address)',
    'Unpaused(address)',
  ],
}

/** Events of the file that move neither a fact nor health here: auctions, which Bite and Bark announce. */
const NOT_READ = new Set([
  'Kick(uint256,uint256,uint256,uint256,address,address,uint256)',
  'Take(uint256,uint256,uint256,uint256,uint256,uint256,address)',
  'Redo(uint256,uint256,uint256,uint256,address,address,uint256)',
])

describeWithData('topics', ['vectors/event-signatures.json'], () => {
  it('are the keccak hashes of the published signatures', () => {
    const rows = JSON.parse(readFileSync(dataPath('vectors/event-signatures.json')!, 'utf8')) as {
      protocol: string
      signature: string
      topic0: Hex
    }[]
    let checked = 0
    for (const { protocol, signature, topic0 } of rows) {
      expect(keccak256(stringToBytes(signature))).toBe(topic0)
      for (const [name, used] of Object.entries(USED)) {
        if (!used.includes(signature) && !(used.includes(protocol) && !NOT_READ.has(signature))) continue
        expect(PROTOCOLS[name]!.topics, `${name} ${signature}`).toContain(topic0)
        checked++
      }
    }
    expect(checked).toBeGreaterThan(60)
  })
})
