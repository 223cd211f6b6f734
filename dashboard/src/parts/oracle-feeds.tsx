/** The oracle's feeds: value, round and age, and whether a consumer would still accept them. */
import type { OracleFeedStatus } from '../data/types'
import { count, score } from '../format/number'
import { chainText, shortHex, words } from '../format/text'
import { ChainName } from './chains'
import { Empty } from './panel'
import { Tag } from './tags'
import { Ago } from './time'

export function OracleFeeds({ feeds }: { feeds: readonly OracleFeedStatus[] }) {
  if (feeds.length === 0) return <Empty>No feeds yet: the publisher announces them once it runs.</Empty>
  const metrics = new Set(feeds.map((feed) => feed.metric))
  return (
    <table className="rows" aria-label="Oracle feeds">
      <thead>
        <tr>
          <th scope="col">{metrics.size === 1 ? words([...metrics][0] ?? '') : 'Feed'}</th>
          <th scope="col" className="num">
            Value
          </th>
          <th scope="col" className="num">
            Round
          </th>
          <th scope="col" className="num">
            Updated
          </th>
        </tr>
      </thead>
      <tbody>
        {feeds.map((feed) => (
          <tr key={feed.feed}>
            <td data-label="Feed">
              <span title={`${words(feed.metric)} of ${feed.subject} · feed ${feed.feed}`}>
                {feed.symbol === null ? subjectWords(feed.subject) : chainText(feed.symbol)}
                <span className="soft">
                  {' on '}
                  <ChainName chainId={feed.subjectChainId} />
                </span>
                {metrics.size > 1 && <span className="soft"> · {words(feed.metric)}</span>}
              </span>
            </td>
            <td data-label="Value" className="num">
              <b>{score(feed.value)}</b>
              {feed.value !== null && <span className="soft"> of 1</span>}
            </td>
            <td data-label="Round" className="num" title={feed.txHash ?? undefined}>
              {feed.round === null ? '—' : count(feed.round)}
            </td>
            <td data-label="Updated" className="num">
              {feed.updatedAt === null ? <span className="soft">never</span> : <Ago time={feed.updatedAt} />}{' '}
              {feed.stale && feed.updatedAt !== null && <Tag tone="warning">Stale</Tag>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** `31337:0x12…:0xab…` as its shortened parts without the chain. */
function subjectWords(subject: string): string {
  const parts = subject.split(':').filter((part, index) => index > 0 || !/^\d+$/.test(part))
  return parts.map((part) => (part.startsWith('0x') ? shortHex(part) : chainText(part))).join(' · ')
}
