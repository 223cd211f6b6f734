/** One GraphQL request over fetch, with a time limit, and errors that a reader can act on. */

const timeoutMs = 15_000

/** Why a request failed: `network` (nobody answered), `http` (status) or `graphql` (the API refused the query). */
export class RequestError extends Error {
  constructor(
    readonly kind: 'network' | 'http' | 'graphql',
    message: string,
  ) {
    super(message)
    this.name = 'RequestError'
  }
}

/** Path of the GraphQL endpoint, beside the page. */
export const endpoint = new URL('/graphql', window.location.origin).toString()

interface Answer<T> {
  data?: T | null
  errors?: { message: string }[]
}

/** Sends a query and returns its data. Throws RequestError; partial data counts as a failure. */
export async function request<T>(
  query: string,
  variables: Record<string, unknown> = {},
  signal?: AbortSignal,
): Promise<T> {
  const limit = AbortSignal.timeout(timeoutMs)
  let response: Response
  try {
    response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
      },
      body: JSON.stringify({ query, variables }),
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    })
  } catch (cause) {
    if (signal?.aborted) throw cause
    const slow = limit.aborted
    throw new RequestError(
      'network',
      slow ? `The API gave no answer in ${timeoutMs / 1000} s.` : 'The API cannot be reached.',
    )
  }
  const answer = (await response.json().catch(() => undefined)) as Answer<T> | undefined
  const message = answer?.errors?.[0]?.message
  if (message !== undefined) throw new RequestError('graphql', message)
  if (!response.ok || answer?.data == null)
    throw new RequestError('http', `The API answered with status ${response.status}.`)
  return answer.data
}
