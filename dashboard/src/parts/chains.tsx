/** Chains: their names wherever an id appears, and the strip that shows how far each has been indexed. */
import { createContext, useContext } from 'react'
import type { ChainStatus } from '../data/types'
import { count } from '../format/number'
import { chainText } from '../format/text'
import { absolute, duration } from '../format/time'
import { Tag } from './tags'

const slowSec = 30
const replaySec = 86_400

export const ChainsContext = createContext<readonly ChainStatus[]>([])

export function useChains(): readonly ChainStatus[] {
  return useContext(ChainsContext)
}

/** The chain's name, or its number while the name is not known. */
export function ChainName({ chainId }: { chainId: number }) {
  const chain = useChains().find((each) => each.chainId === chainId)
  return (
    <span title={`Chain id ${chainId}`}>
      {chain === undefined ? `Chain ${chainId}` : chainText(chain.name)}
    </span>
  )
}

export function ChainStrip({ chains }: { chains: readonly ChainStatus[] }) {
  return (
    <ul className="chains" aria-label="Indexed chains">
      {chains.map((chain) => (
        <li key={chain.chainId}>
          <b title={`Chain id ${chain.chainId}`}>{chainText(chain.name)}</b>
          <span title={`Newest block indexed, mined ${absolute(chain.headTimestamp)}`}>
            <span className="soft">block </span>
            {count(chain.headHeight)}
          </span>
          <span title="Blocks at or below this height cannot be undone any more">
            <span className="soft">final </span>
            {count(chain.finalizedHeight)}
          </span>
          <span title="Rows stored for this chain">
            <span className="soft">rows </span>
            {count(chain.rows)}
          </span>
          <span className="end">
            <Lag lagSec={chain.lagSec} />
          </span>
        </li>
      ))}
    </ul>
  )
}

/** A head older than a day is a replay of history, not a fault. */
function Lag({ lagSec }: { lagSec: number }) {
  if (lagSec > replaySec) return <Tag tone="none">{`History, ${duration(lagSec)} old`}</Tag>
  return <Tag tone={lagSec > slowSec ? 'warning' : 'calm'}>{`${duration(lagSec)} behind`}</Tag>
}
