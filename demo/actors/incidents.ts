/**
 * Incidents with known truth. Each has a window of turns in a fixed rhythm and looks at the chain to decide its
 * next move, so that one interrupted by a restart is still brought to its end.
 *
 * - ownership takeover: the admin of the WBTC feed is tricked into handing it over; the thief makes itself the
 *   transmitter and posts a price 25 % too high; later everything is returned.
 * - pause: the WBTC reserve is paused by the emergency admin and released some blocks later.
 */
import { LOCAL_WORLD } from '../../src/chains/local-world'
import { CAST, demoAccount } from '../accounts'
import { answerCall, type Call, ownershipCall, pauseCall, transmitterCall } from '../calls'
import { type Scene, WBTC } from './scene'

export const INCIDENT_EVERY_TURNS = 300
export const TAKEOVER = { first: 45, turns: 8 } as const
export const PAUSE = { first: 80, turns: 6 } as const
/** What the thief posts, in per cent of the true price. */
const FORGED_PRICE_PERCENT = 125n

/** What this turn does to the ground truth, for the log and for recall tests. */
export type Incident = {
  kind: 'ownership-takeover' | 'oracle-deviation' | 'reserve-pause'
  phase: 'begins' | 'ends'
}

export function incidentTurn(scene: Scene): { calls: Call[]; incidents: Incident[] } {
  const moves = [takeover(scene), pause(scene)].filter((move) => move !== undefined)
  return { calls: moves.flatMap((move) => move.calls), incidents: moves.flatMap((move) => move.incidents) }
}

type Move = { calls: Call[]; incidents: Incident[] }

function takeover({ turn, market, truePricesE8 }: Scene): Move | undefined {
  const { feed } = LOCAL_WORLD.assets[WBTC]!
  const thief = demoAccount(CAST.attacker).address.toLowerCase()
  const stolen = market.feedOwners[WBTC] === thief
  if (!inWindow(turn, TAKEOVER)) {
    if (!stolen) return undefined
    const back = transmitterCall(CAST.attacker, feed, demoAccount(CAST.transmitter).address)
    const owner = ownershipCall(CAST.attacker, feed, demoAccount(CAST.admin).address)
    return { calls: [back, owner], incidents: [{ kind: 'ownership-takeover', phase: 'ends' }] }
  }
  if (!stolen) {
    const calls = [ownershipCall(CAST.admin, feed, demoAccount(CAST.attacker).address)]
    return { calls, incidents: [{ kind: 'ownership-takeover', phase: 'begins' }] }
  }
  if (market.feedTransmitters[WBTC] !== thief) {
    return {
      calls: [transmitterCall(CAST.attacker, feed, demoAccount(CAST.attacker).address)],
      incidents: [],
    }
  }
  const forged = (truePricesE8[WBTC]! * FORGED_PRICE_PERCENT) / 100n
  if (market.feedPricesE8[WBTC]! * 100n > truePricesE8[WBTC]! * 115n) return undefined
  return {
    calls: [answerCall(CAST.attacker, feed, forged)],
    incidents: [{ kind: 'oracle-deviation', phase: 'begins' }],
  }
}

function pause({ turn, market }: Scene): Move | undefined {
  const wanted = inWindow(turn, PAUSE)
  if (market.paused[WBTC] === wanted) return undefined
  const calls = [pauseCall(CAST.admin, LOCAL_WORLD.assets[WBTC]!.token, wanted)]
  return { calls, incidents: [{ kind: 'reserve-pause', phase: wanted ? 'begins' : 'ends' }] }
}

function inWindow(turn: number, { first, turns }: { first: number; turns: number }): boolean {
  const offset = (turn - first) % INCIDENT_EVERY_TURNS
  return turn >= first && offset < turns
}
