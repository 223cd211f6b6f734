/** The first chain of the local world; it also carries the RiskOracle. */
import { localChain } from './local'

export const harbor = localChain('harbor', 'Harbor (local)')
