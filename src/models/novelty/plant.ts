/** Anomalies to look for, made of real accounts by seed. None changes the counts that decide the kind. */
import { seededRandom } from '../../math/statistics'
import { kindOf } from './kinds'
import { noveltySpec } from './spec'

/**
 * scaled   all amounts times 1,000: a whale among fish, every relation between columns as it was
 * hurried  all times divided by 1,000: a life's work in one thousandth of the time
 * grafted  the received half (amounts and senders) of another account of the kind: each column is ordinary, together
 *          they are not
 */
export const PLANTS = ['scaled', 'hurried', 'grafted'] as const
export type Plant = (typeof PLANTS)[number]

const WIDTH = noveltySpec.inputs.length
const at = (name: string) => noveltySpec.inputs.findIndex((input) => input.name === name)
const ofUnit = (unit: string) => noveltySpec.inputs.flatMap((input, f) => (input.unit === unit ? [f] : []))
const ETHER = ofUnit('ether')
const MINUTES = ofUnit('minutes')
const RECEIVED = [
  'minReceivedEth',
  'maxReceivedEth',
  'avgReceivedEth',
  'totalReceivedEth',
  'uniqueSendersCount',
].map(at)
const [NET, IN, OUT] = [at('netEth'), at('totalReceivedEth'), at('totalSentEth')]

/** Every row changed in one way; row-major [rows, F]. */
export function plantAnomalies(
  rows: Float32Array,
  { plant, seed }: { plant: Plant; seed: number },
): Float32Array {
  const random = seededRandom(seed + 31)
  const planted = rows.slice()
  const peers = new Map<number, number[]>()
  for (let start = 0; start < rows.length; start += WIDTH) {
    const kind = kindOf(rows, start)
    const known = peers.get(kind)
    if (known) known.push(start)
    else peers.set(kind, [start])
  }
  for (let start = 0; start < rows.length; start += WIDTH) {
    if (plant === 'scaled') for (const f of ETHER) planted[start + f]! *= 1000
    if (plant === 'hurried') for (const f of MINUTES) planted[start + f]! /= 1000
    if (plant === 'grafted') {
      const own = peers.get(kindOf(rows, start))!
      const donor = own[Math.floor(random() * own.length)]!
      for (const f of RECEIVED) planted[start + f] = rows[donor + f]!
      planted[start + NET] = planted[start + IN]! - planted[start + OUT]!
    }
  }
  return planted
}
