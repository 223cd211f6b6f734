/** Notices above a page: the API does not answer, or what is shown is known to be incomplete. */
import { Alert, Button } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ChainStatus } from '../data/types'
import { chainText } from '../format/text'
import { Ago } from './time'

/** A banner while a query fails, with a way to try again. What was read before stays on the page, and it says so. */
export function ConnectionNotice({ query }: { query: UseQueryResult<unknown> }) {
  if (query.error === null) return null
  const { message } = query.error
  return (
    <Alert color="red" variant="light" title="No answer from the API" role="alert">
      <p style={{ margin: '0 0 10px' }}>
        {message}{' '}
        {query.data === undefined ? (
          'Nothing can be shown until it answers. Check that Plimsoll is running (npm start).'
        ) : (
          <>
            What you see was read <Ago time={new Date(query.dataUpdatedAt).toISOString()} />.
          </>
        )}
      </p>
      <Button size="xs" color="red" loading={query.isFetching} onClick={() => void query.refetch()}>
        Try again
      </Button>
    </Alert>
  )
}

/** Says which chains were not indexed from their beginning, and what that withholds. */
export function CoverageNotice({ chains, scores }: { chains: readonly ChainStatus[]; scores: number }) {
  const partial = chains.filter((chain) => !chain.coverageComplete)
  if (partial.length === 0) return null
  const names = partial.map((chain) => chainText(chain.name)).join(', ')
  return (
    <Alert color="yellow" variant="light" title={`Indexing of ${names} began in mid-history`}>
      Positions that began before the first indexed block are marked incomplete: their balances are not known,
      so they get no health factor, score, alert or oracle value.
      {scores === 0 && ' That is why there are no scores yet, as when a capture of a few blocks is replayed.'}
    </Alert>
  )
}
