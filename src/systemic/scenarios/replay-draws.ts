/**
 * Days of past crises as draws. From the history that is given, where it covers the crisis: every day that begins on one of
 * its hours. Else from the committed ones (replay-windows.ts, days that begin every six hours). A factor that the past
 * did not know moves by its beta to ether; a stablecoin without a price stays.
 */
import { badInput } from '../network'
import { committedBeta } from './factor-model'
import { daySpans } from './history'
import { REPLAY_WINDOWS } from './replay-windows'
import { REPLAYS } from './replays'
import { drawRows, type ScenarioContext, type ScenarioDraft } from './scenario-set'

const HOUR_SEC = 3_600
/** Fewer days of a history are no replay. */
const LEAST_ROWS = 24

/** Draws of one crisis. The first is its worst day. */
export function replayDraft(name: string, context: ScenarioContext): ScenarioDraft {
  const replay = REPLAYS[name]
  if (replay === undefined) throw badInput(`no replay is called ${name}`)
  const given = givenDays(name, context)
  const { rows, worst } = given ?? committedDays([name], context)
  const factors = drawRows(rows, context.scenarios, context.seed)
  factors.set(rows[worst]!)
  return {
    about: `days of ${replay.about}`,
    fittedFrom:
      given === undefined ? 'replay-windows.ts' : `${rows.length} days of ${context.history!.source}`,
    factors,
    hasCentre: true,
  }
}

interface Days {
  /** A column a factor of the model. */
  rows: number[][]
  /** Index of the worst. */
  worst: number
}

/** Committed days of crises. */
export function committedDays(names: readonly string[], context: ScenarioContext): Days {
  const all = names.map((name) => {
    const { factors, rows } = REPLAY_WINDOWS[name]!
    return daysOf(
      { factors: factors.split(' '), rows: rows.map((row) => row.map((ratio) => ratio ?? Number.NaN)) },
      name,
      context,
    )
  })
  return { rows: all.flatMap(({ rows }) => rows), worst: all[0]!.worst }
}

function givenDays(name: string, context: ScenarioContext): Days | undefined {
  const { history } = context
  if (!history?.prices.has('ETH')) return undefined
  const { fromSec, toSec } = REPLAYS[name]!
  const found = daySpans(history, { fromSec, toSec, everySec: HOUR_SEC })
  const eth = found.factors.indexOf('ETH')
  const rows = found.rows.filter((row) => !Number.isNaN(row[eth]))
  return rows.length < LEAST_ROWS ? undefined : daysOf({ factors: found.factors, rows }, name, context)
}

function daysOf(
  { factors, rows }: { factors: readonly string[]; rows: readonly (readonly number[])[] },
  name: string,
  { model }: ScenarioContext,
): Days {
  const eth = factors.indexOf('ETH')
  const columns = model.factors.map((factor) => ({
    at: factors.indexOf(factor.name),
    beta: committedBeta(factor),
  }))
  const known = (row: readonly number[], at: number) => at >= 0 && !Number.isNaN(row[at])
  const column = factors.indexOf(REPLAYS[name]!.worstOf)
  let worst = 0
  rows.forEach((row, r) => {
    const [own, least] = [row[column]!, rows[worst]![column]!]
    if (own < least || (Number.isNaN(least) && !Number.isNaN(own))) worst = r
  })
  return {
    rows: rows.map((row) => columns.map(({ at, beta }) => (known(row, at) ? row[at]! : row[eth]! ** beta))),
    worst,
  }
}
