/** `stressTest`: what breaks in a scenario, as an answer that waits for the run, or as a stream of progress that ends with it. */
import { STRESS_ENGINE } from '../../systemic/stress/model-hash'
import { STRESS_DEFAULTS } from '../../systemic/stress/request'
import type { ApiContext } from '../context'
import { boundedQueue } from '../queue'
import type { Topic } from '../schema'
import { readAsOf } from '../stress/heads'
import { requestOf, type StressArgs } from '../stress/request'
import type { Asked, StressProgress } from '../stress/runs'
import { STRESS_LISTS, STRESS_SDL, type StressTestRow, stressTestRow } from './stress-row'

/** Beside the run itself: reading its blocks, waiting for the run before, writing the row. */
const BESIDE_MS = 10_000

const ARGUMENTS = /* GraphQL */ `
      "A name such as eth-30, depeg-usdc or student-t (docs/systemic.md)."
      scenario: String!,
      "Of one chain or several; absent: the newest block of every indexed chain."
      block: [ChainBlock!],
      "Only these pools or markets, by id; absent: all."
      markets: [String!],
      "Draws of the scenario: at most 10,000 without a key, 100,000 for an analyst, 1,000,000 for an operator."
      scenarios: Int! = 1000,
      "The same seed gives the same figures."
      seed: Int! = ${STRESS_DEFAULTS.seed},
      "Of the at-risk figures, each between 0 and 1."
      levels: [Float!]! = ${JSON.stringify(STRESS_DEFAULTS.levels)},
      exit: StressExit! = ${STRESS_DEFAULTS.exit},
      "US dollars that one liquidation costs its liquidator."
      gasUsd: Float! = ${STRESS_DEFAULTS.gasUsd}
`

const SDL = /* GraphQL */ `
  ${STRESS_SDL}
  "How far a run has come, or its result, which is the last event."
  type StressEvent {
    runId: String!
    "Draws computed, those behind topPositions and topParameters included."
    done: Int!
    of: Int!
    "Draws a second; null before the first."
    perSec: Float
    "Seconds left at that pace; null before the first."
    etaSec: Float
    "Of the last event; null before."
    result: StressTest
  }

  extend type Query {
    "Waits for the run, at most two minutes. The same request on the same state is answered from its row."
    stressTest(${ARGUMENTS}): StressTest!
  }

  extend type Subscription {
    "Progress several times a second, then the result. Who leaves ends the run, unless others wait for it."
    stressTest(${ARGUMENTS}): StressEvent!
  }
`

async function askedOf(args: StressArgs, context: ApiContext): Promise<Asked> {
  const caller = context.caller()
  const request = requestOf(args, caller)
  const asOf = await readAsOf(context.pool, args.block)
  return { asOf, request, engine: STRESS_ENGINE, caller }
}

async function stressTest(_source: unknown, args: StressArgs, context: ApiContext): Promise<StressTestRow> {
  const { runs, limits } = context.stress
  context.timeoutMs = limits.maxRunMs * (limits.maxWaiting + 1) + BESIDE_MS
  const asked = await askedOf(args, context)
  const signal = context.request?.signal
  return stressTestRow(await runs.ask(asked, { kind: 'query', ...(signal && { signal }) }))
}

interface StressEvent extends StressProgress {
  result: StressTestRow | null
}

async function stressEvents(_source: unknown, args: StressArgs, context: ApiContext) {
  const asked = await askedOf(args, context)
  const left = new AbortController()
  const queue = boundedQueue<StressEvent>(
    2,
    () => left.abort(),
    ({ result }) => Number(result !== null),
  )
  context.request?.signal.addEventListener('abort', () => queue.close(), { once: true })
  let of = asked.request.scenarios
  const onProgress = (progress: StressProgress) => {
    of = progress.of
    queue.push({ ...progress, result: null })
  }
  context.stress.runs.ask(asked, { kind: 'subscription', signal: left.signal, onProgress }).then(
    (answer) => {
      const { runId } = answer
      queue.push({ ...{ runId, done: of, of, perSec: null, etaSec: 0 }, result: stressTestRow(answer) })
      queue.close()
    },
    (error: Error) => queue.close(error),
  )
  return queue.iterator
}

export const stressTestTopic: Topic = {
  typeDefs: SDL,
  resolvers: { Query: { stressTest }, StressTest: STRESS_LISTS },
  subscriptions: { stressTest: stressEvents },
}
