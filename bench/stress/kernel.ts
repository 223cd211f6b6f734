/** The first-round kernel as it is built. */
import { built } from '../built'

export const { firstRound } = built<typeof import('../../src/systemic/kernels/first-round')>(
  'systemic/kernels/first-round',
)
export const { firstRoundPlan } = built<typeof import('../../src/systemic/kernels/first-round-layout')>(
  'systemic/kernels/first-round-layout',
)
