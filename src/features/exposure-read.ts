/** Reading half of the exposure graph (src/systemic/exposure): the state of one block of each chain, from one snapshot. */
import type { Pool } from '../db/pool'
import { exposureGraph } from '../systemic/exposure/graph'
import { exposureInputOf } from '../systemic/exposure/input-of'
import type { ExposureGraph } from '../systemic/exposure/types'
import { type BookRequest, readBookInputs } from './book-read'

export interface ExposureRequest {
  chains: readonly BookRequest[]
  /** Names of protocols; all where left out. */
  protocols?: readonly string[] | undefined
  /** Accounts that are nodes of their own. */
  topAccounts: number
}

/** Throws PlimsollError where a chain has no block so low. */
export async function readExposure(pool: Pool, request: ExposureRequest): Promise<ExposureGraph> {
  const { chains, protocols, topAccounts } = request
  const states = await readBookInputs(pool, chains)
  return exposureGraph(exposureInputOf(states, protocols ? { protocols } : {}), { topAccounts })
}
