/**
 * Scenarios by name. A horizon is a day. Draws are deterministic by seed; the first draw of a named shock is the shock
 * itself, and the others scatter around it by an ordinary day's joint moves, exp(σ·z), so that its figures say what the
 * shock does on a day that is not otherwise still.
 *
 *   eth-30  wbtc-50  all-20        a factor and what wraps it falls by so many per cent; all others by their beta to it,
 *                                  (1 − fall)^β; stablecoins stay. `all`: everything but stablecoins. A staked or wrapped
 *                                  form that has a price of its own (`steth-10`) falls alone.
 *   depeg-usdc  depeg-usdc-0.7     a token trades at so many dollars for one (0.88 where not said; of staked and wrapped
 *                                  forms: so much of what they stand for), and those that lean on it fall with it
 *   bridge-arbitrum  …-0.5         what a bridge brought to its chain is worth only that part, 0 where not said
 *   replay-2020-03 …               days that begin within a crisis, drawn at random; the first is the worst
 *   gbm  student-t  garch          a random day: normal, with Student-t tails, with today's volatility by GARCH(1,1)
 *   bootstrap                      past days freed of their volatility and given today's; without a history, the crises'
 */
import { badInput } from '../network'
import { bridgeDraft } from './bridges'
import { depegDraft, shockDraft } from './named-shocks'
import { bootstrapDraft, diffusionDraft } from './random-days'
import { replayDraft } from './replay-draws'
import { REPLAYS } from './replays'
import {
  type ScenarioContext,
  type ScenarioDraft,
  type ScenarioRequest,
  type ScenarioSet,
  scenarioContext,
  scenarioSet,
} from './scenario-set'

export interface ScenarioKind {
  /** As a user writes it. */
  usage: string
  about: string
  /** Undefined where the name is not of this kind. */
  build(name: string, context: ScenarioContext): ScenarioDraft | undefined
}

/** Every kind of scenario, a line each; the first that knows a name has it. */
export const SCENARIO_KINDS: readonly ScenarioKind[] = [
  exact('gbm', 'a random day with normal moves', (context) => diffusionDraft(context, 'normal')),
  exact('student-t', 'a random day with the tails of a Student-t', (context) =>
    diffusionDraft(context, 'student-t'),
  ),
  exact('garch', 'a random day at the volatility that GARCH(1,1) sees today', (context) =>
    diffusionDraft(context, 'garch'),
  ),
  exact('bootstrap', 'past days at the volatility of today', bootstrapDraft),
  ...Object.entries(REPLAYS).map(([name, { about }]) =>
    exact(name, about, (context) => replayDraft(name, context)),
  ),
  {
    usage: 'depeg-<token>[-<price>]',
    about: 'a token loses its peg, and those that lean on it fall with it',
    build: depegDraft,
  },
  {
    usage: 'bridge-<chain or bridge>[-<recovered>]',
    about: 'what a bridge brought is worth only what is recovered',
    build: bridgeDraft,
  },
  {
    usage: '<asset>-<percent>, all-<percent>',
    about: 'an asset falls by so many per cent, and others with it by their beta',
    build: shockDraft,
  },
]

function exact(
  usage: string,
  about: string,
  build: (context: ScenarioContext) => ScenarioDraft,
): ScenarioKind {
  return { usage, about, build: (name, context) => (name === usage ? build(context) : undefined) }
}

/** The draws of a named scenario. Throws PlimsollError on a name that is unknown, or a size that is absurd. */
export function scenarioByName(request: ScenarioRequest): ScenarioSet {
  const context = scenarioContext({ ...request, name: request.name.trim().toLowerCase() })
  for (const kind of SCENARIO_KINDS) {
    const draft = kind.build(context.name, context)
    if (draft !== undefined) return scenarioSet(context, draft)
  }
  const known = SCENARIO_KINDS.map(({ usage }) => usage).join(', ')
  throw badInput(`no scenario is called ${request.name}`, `known: ${known}`)
}
