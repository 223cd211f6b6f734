/**
 * Whether a range is the truth, beyond not contradicting itself: blocks whose bloom may hold a wanted log though none
 * came are looked at again, a sample of ranges is fetched from a second endpoint, and with `verify: receipts` the
 * receipts of every block that may matter are recomputed into the root of its header.
 */
import type { SourceBlock } from '../processor/block'
import type { Endpoint } from './endpoint'
import type { Endpoints } from './endpoints'
import type { Header } from './headers'
import { readHeader } from './headers'
import { quantity } from './log-request'
import { type FetchOptions, fetchFrom, type OneRange } from './range'
import { verifyReceipts } from './receipts'
import { logsOfReceipts, readReceipts } from './receipts-read'
import { EndpointLie } from './rpc-error'
import type { Verification } from './types'

export interface Examination {
  verify: Verification
  /** One range in this many is cross-checked; 0: none. */
  crossCheckEvery: number
  seed: number
  counters: { verifiedBlocks: number; crossChecks: number }
}

interface Case {
  range: OneRange
  endpoint: Endpoint
  endpoints: Endpoints
  fetching: FetchOptions
  options: Examination
}

/** Blocks with a suspicious bloom that are looked at again, of a range that is not in the sample. */
const MAX_SUSPECTS = 8
/** Blocks of a sampled range whose headers are fetched, to find logs that were left out. */
const SAMPLE_BLOCKS = 64

/** The same ranges are sampled in every run with the same seed (an integer hash, by Wang). */
export function isSampled(from: number, seed: number, every: number): boolean {
  if (every <= 0) return false
  let hash = (from ^ Math.imul(seed, 0x9e3779b1)) >>> 0
  hash = (hash ^ 61 ^ (hash >>> 16)) >>> 0
  hash = Math.imul(hash, 9) >>> 0
  hash = Math.imul(hash ^ (hash >>> 4), 0x27d4eb2d) >>> 0
  return (hash ^ (hash >>> 15)) >>> 0 < 2 ** 32 / every
}

/**
 * Returns the range, or the one that a second endpoint gave where the first was found wrong.
 * @throws EndpointLie when the first endpoint lied and the range must be fetched again
 */
export async function examineRange(given: Case): Promise<OneRange> {
  const { range, options } = given
  if (options.verify === 'receipts') await verifyRange(given)
  else await lookAgain(given, range.suspects.slice(0, MAX_SUSPECTS))
  if (isSampled(range.from, options.seed, options.crossCheckEvery)) {
    await crossCheck(given)
    options.counters.crossChecks++
  }
  return range
}

/** Blooms have false positives, so a block is only missing logs when another endpoint or its receipts show them. */
async function lookAgain(
  { range, endpoint, endpoints, fetching }: Case,
  heights: readonly number[],
): Promise<void> {
  const others = endpoints.healthy().filter((other) => other !== endpoint)
  for (const height of heights) {
    const header = range.headers.get(height)
    if (!header) continue
    const logs =
      others.length > 0
        ? await endpoints
            .run((other) => fetchFrom(other, { from: height, to: height }, fetching), {
              except: new Set([endpoint]),
              patienceMs: 1_000,
            })
            .then(({ value }) => value.blocks.flatMap((block) => block.logs).length)
        : await logsInReceipts(endpoint, header, fetching)
    if (logs === 0) continue
    throw new EndpointLie(
      'missing-logs',
      `gave no log of block ${height}, whose bloom has them and where ${others.length > 0 ? 'another endpoint' : 'its receipts'} shows ${logs}`,
    )
  }
}

async function logsInReceipts(endpoint: Endpoint, header: Header, fetching: FetchOptions): Promise<number> {
  if (header.transactions.length === 0) return 0
  const receipts = await readReceipts(endpoint, [{ header, txIndexes: undefined }])
  return logsOfReceipts(receipts.get(header.ref.height) ?? [], fetching.request).length
}

/** Height of the first block whose logs differ, or the hash that they are of. */
export function firstDifference(a: readonly SourceBlock[], b: readonly SourceBlock[]): number | undefined {
  const left = new Map(a.map((block) => [block.ref.height, block]))
  const right = new Map(b.map((block) => [block.ref.height, block]))
  for (const height of [...new Set([...left.keys(), ...right.keys()])].sort((x, y) => x - y)) {
    if (digest(left.get(height)) !== digest(right.get(height))) return height
  }
  return undefined
}

/** What is told of a block's logs; empty when there are none. */
function digest(block: SourceBlock | undefined): string {
  if (!block || block.logs.length === 0) return ''
  const logs = block.logs.map((log) =>
    [log.logIndex, log.txHash, log.address, ...log.topics, log.data].join(),
  )
  return [block.ref.hash, ...logs].join('\n')
}

/** Asks a second endpoint for the same; where they differ, the block's receipts or further endpoints decide. */
async function crossCheck(given: Case): Promise<void> {
  const { range, endpoint, endpoints, fetching } = given
  await sampleBlooms(given)
  const except = new Set([endpoint])
  if (endpoints.healthy().every((other) => except.has(other))) return
  const { from, to } = range
  const second = await endpoints
    .run((other) => fetchFrom(other, { from, to }, fetching), { except, patienceMs: 1_000 })
    .catch(() => undefined)
  if (!second) return
  const height = firstDifference(range.blocks, second.value.blocks)
  if (height === undefined) return
  const liar = await whoIsWrong(given, { endpoint: second.endpoint, blocks: second.value.blocks }, height)
  if (liar === endpoint)
    throw new EndpointLie('outvoted', `tells other logs of block ${height} than its peers or receipts`)
  if (liar)
    liar.failed(new EndpointLie('outvoted', `tells other logs of block ${height} than its peers or receipts`))
  else {
    throw new EndpointLie(
      'missing-logs',
      `${endpoint.name} and ${second.endpoint.name} differ about block ${height}, and nothing shows who is right`,
    )
  }
}

/** Headers of part of the range from the endpoint itself: its own blooms must not speak of logs that it left out. */
async function sampleBlooms(given: Case): Promise<void> {
  const { range, endpoint, fetching } = given
  const to = Math.min(range.to, range.from + SAMPLE_BLOCKS - 1)
  const part = await fetchFrom(
    endpoint,
    { from: range.from, to },
    { ...fetching, transactions: 'none', allHeaders: true },
  )
  await lookAgain({ ...given, range: part }, part.suspects)
}

/**
 * Which of two endpoints told a block wrong. What they told counts, not what they say when asked again: the others are
 * asked, and where the votes are even, each claim is held against the receipts of its own endpoint.
 */
async function whoIsWrong(
  given: Case,
  second: { endpoint: Endpoint; blocks: readonly SourceBlock[] },
  height: number,
): Promise<Endpoint | undefined> {
  const { endpoint, endpoints, fetching } = given
  const told = (blocks: readonly SourceBlock[]) => digest(blocks.find(({ ref }) => ref.height === height))
  const claim = told(given.range.blocks)
  const counterclaim = told(second.blocks)
  const voters = endpoints.healthy().filter((other) => other !== endpoint && other !== second.endpoint)
  const votes = await Promise.all(
    voters.map((voter) =>
      fetchFrom(voter, { from: height, to: height }, fetching).then(
        // A block without logs is only there because it ends the range.
        ({ blocks }) => digest(blocks.find(({ logs }) => logs.length > 0)),
        () => undefined,
      ),
    ),
  )
  const pro = votes.filter((vote) => vote === claim).length
  const contra = votes.filter((vote) => vote === counterclaim).length
  if (pro !== contra) return pro > contra ? second.endpoint : endpoint
  const isClaimProven = await isProven(endpoint, height, claim, fetching)
  const isCounterclaimProven = await isProven(second.endpoint, height, counterclaim, fetching)
  if (isClaimProven === isCounterclaimProven) return undefined
  return isClaimProven ? second.endpoint : endpoint
}

/** Whether what an endpoint told of a block is what its receipts, recomputed to the header's root, say. */
async function isProven(
  voter: Endpoint,
  height: number,
  claim: string,
  fetching: FetchOptions,
): Promise<boolean> {
  try {
    const block = await voter.call('eth_getBlockByNumber', [quantity(height), false])
    const header = readHeader(block, fetching.chainId, height)
    const receipts = (await readReceipts(voter, [{ header, txIndexes: undefined }])).get(height) ?? []
    await verifyReceipts(header, receipts)
    const logs = logsOfReceipts(receipts, fetching.request).map((log) =>
      [Number(log.logIndex), log.transactionHash, log.address, ...log.topics, log.data].join(),
    )
    return claim === (logs.length === 0 ? '' : [header.ref.hash, ...logs].join('\n'))
  } catch {
    return false
  }
}

/** Recomputes the receipts root of every block that has wanted logs, or whose bloom does not exclude them. */
async function verifyRange({ range, endpoint, fetching, options }: Case): Promise<void> {
  const suspects = new Set(range.suspects)
  const matter = [...range.headers.values()].filter(({ ref, bloom, transactions }) => {
    if (transactions.length === 0) return false
    return (
      bloom === undefined ||
      suspects.has(ref.height) ||
      range.blocks.some((b) => b.ref.height === ref.height && b.logs.length > 0)
    )
  })
  const receipts = await readReceipts(
    endpoint,
    matter.map((header) => ({ header, txIndexes: undefined })),
  )
  const logsAt = new Map(range.blocks.map((block) => [block.ref.height, block.logs]))
  for (const header of matter) {
    const { height } = header.ref
    const found = receipts.get(height)
    if (!found)
      throw new EndpointLie('missing-logs', `has no receipts of block ${height}, so it cannot be verified`)
    await verifyReceipts(header, found)
    const told = logsOfReceipts(found, fetching.request)
    const logs = logsAt.get(height) ?? []
    const differs =
      told.length !== logs.length ||
      told.some((log, i) => {
        const ours = logs[i]
        return (
          ours === undefined ||
          ours.logIndex !== Number(log.logIndex) ||
          [ours.address, ...ours.topics, ours.data].join() !== [log.address, ...log.topics, log.data].join()
        )
      })
    if (differs) {
      throw new EndpointLie('receipts-root', `logs of block ${height} are not those of its verified receipts`)
    }
    options.counters.verifiedBlocks++
  }
}
