/** The second chain of the local world. */
import { localChain } from './local'

export const lagoon = localChain('lagoon', 'Lagoon (local)')
