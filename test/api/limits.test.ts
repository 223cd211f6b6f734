/** Requests that ask for too much, and failures inside: what the caller may see, and that the server lives on. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../../src/api/limits'
import { type TestApi, testApi } from './client'

let served: TestApi
beforeAll(async () => {
  served = await testApi()
})
afterAll(() => served?.close())

const repeat = (count: number, item: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => item(i)).join(' ')

test('ten thousand aliases are refused before they are parsed whole', async () => {
  const error = await served.error(`{ ${repeat(10_000, (i) => `a${i}: __typename`)} }`)
  expect(error.message).toMatch(/Request body too large|Token limit of 2000 exceeded/)
  expect((await served.error(`{ ${repeat(3_000, (i) => `a${i}:alerts{id}`)} }`)).message).toMatch(
    /Token limit/,
  )
})

test('more aliases than allowed are refused', async () => {
  const error = await served.error(`{ ${repeat(31, (i) => `a${i}: marketRisk { marketId }`)} }`)
  expect(error.message).toMatch(/Aliases limit of 30 exceeded/)
})

test('deep selections are refused, also through fragments', async () => {
  const deep = (levels: number): string =>
    levels === 0 ? 'id' : `account { alerts { ${deep(levels - 1)} } }`
  expect((await served.error(`{ alerts { ${deep(10)} } }`)).message).toMatch(/depth limit/i)
  const cyclic =
    '{ alerts { ...A } } fragment A on Alert { account { ...B } } fragment B on Account { alerts { ...A } }'
  expect((await served.error(cyclic)).message).toMatch(/Cannot spread fragment|depth limit|cost limit/i)
})

test('costly documents are refused', async () => {
  const error = await served.error(
    '{ alertsConnection(orderBy: id_ASC, first: 10000) { edges { node { id name } } } }',
  )
  expect(error.message).toMatch(/Cost limit of 10000 exceeded/)
})

test('filters and variables that nest too deep are refused without recursion', async () => {
  const literal = `${'{ AND: '.repeat(40)}{ id_eq: "x" }${' }'.repeat(40)}`
  expect((await served.error(`{ alerts(where: ${literal}) { id } }`)).message).toMatch(/nest deeper than 12/)
  const body = `{"query":"query($w: AlertWhereInput){alerts(where:$w){id}}","variables":{"w":${'{"AND":['.repeat(9_000)}{}${']}'.repeat(9_000)}}}`
  const response = await served.api.yoga.fetch('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  expect(await response.text()).toMatch(/nest deeper than 12|too large/)
  const many = { ids: Array.from({ length: 5_000 }, (_, i) => String(i)) }
  const error = await served.error('query ($ids: [String!]) { alerts(where: { id_in: $ids }) { id } }', many)
  expect(error.message).toMatch(/more than 2000 values/)
})

test('an operation may run only so many named queries', async () => {
  const fields = 'chains { name } totals { scores } alerts { id } oracle { feed } healthBuckets { label }'
  const error = await served.error(`{ ${repeat(20, (i) => `a${i}: overview { ${fields} }`)} }`)
  expect(error).toEqual({
    message: 'the operation asks for too many fields at once; split it',
    code: 'BAD_USER_INPUT',
  })
})

test('a body beyond the limit is refused with 413', async () => {
  const { status, body } = await served.post('{ __typename }', {
    pad: 'x'.repeat(DEFAULT_LIMITS.maxBodyBytes),
  })
  expect(status).toBe(413)
  expect(body.errors?.[0]?.message).toBe('Request body too large')
})

test('batched requests are refused', async () => {
  const response = await served.api.yoga.fetch('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ query: '{ __typename }' }, { query: '{ __typename }' }]),
  })
  expect(response.status).toBe(400)
  expect(await response.text()).toMatch(/Batching is not supported/)
})

test('an introspection answered from memory is the same, and never holds data', async () => {
  const { getIntrospectionQuery } = await import('graphql')
  const first = await served.data(getIntrospectionQuery())
  expect(first.__schema.types.length).toBeGreaterThan(100)
  expect(await served.data(getIntrospectionQuery())).toEqual(first)
  const mixed = '{ __typename chains { name } }'
  const before = await served.data(mixed)
  await served.database.pool.query(`UPDATE chain SET name = 'renamed' WHERE chain_id = 31337`)
  expect(await served.data(mixed)).not.toEqual(before)
  await served.database.pool.query(`UPDATE chain SET name = 'harbor' WHERE chain_id = 31337`)
})

test('introspection is allowed', async () => {
  const { getIntrospectionQuery } = await import('graphql')
  const data = await served.data(getIntrospectionQuery())
  const names = data.__schema.types.map((type: { name: string }) => type.name)
  expect(names).toEqual(expect.arrayContaining(['Alert', 'Overview', 'AlertRow', 'Severity', 'Subscription']))
})

test('sessions are read-only and statements are timed', async () => {
  await expect(served.pool.query(`DELETE FROM alert`)).rejects.toMatchObject({ code: '25006' })
  await expect(served.pool.query(`SELECT pg_sleep(5)`)).rejects.toMatchObject({ code: '57014' })
})

test('a slow query ends as TIMEOUT; an internal failure shows a correlation id and nothing else', async () => {
  const own = await testApi()
  try {
    await own.database.pool.query('ALTER TABLE model_version RENAME TO gone')
    const { body, status } = await own.post('{ modelVersions { id } }')
    expect(status).toBe(200)
    expect(body.errors).toEqual([
      {
        message: 'internal error',
        locations: [{ line: 1, column: 3 }],
        path: ['modelVersions'],
        extensions: {
          code: 'INTERNAL_SERVER_ERROR',
          correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
      },
    ])
    await own.database.pool.query('CREATE VIEW model_version AS SELECT pg_sleep(9)::text AS id')
    expect(await own.error('{ modelVersions { id } }')).toEqual({
      message: 'the query took too long; ask for less',
      code: 'TIMEOUT',
    })
    expect((await own.data('{ marketRisk { marketId } }')).marketRisk).toHaveLength(2)
  } finally {
    await own.close()
  }
})

test('an operation beyond its time ends as TIMEOUT and gives its connection back', async () => {
  const own = await testApi({ limits: { operationTimeoutMs: 100 } })
  try {
    const locking = own.database.pool.query(
      'BEGIN; LOCK TABLE alert IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(0.6); COMMIT',
    )
    await new Promise((resolve) => setTimeout(resolve, 100))
    const { body, status } = await own.post('{ alerts { id } }')
    expect(body.errors?.[0]?.message).toBe('the operation took longer than 100 ms; ask for less')
    expect(status).toBe(504)
    await locking
    await expect.poll(() => own.pool.idleCount, { timeout: 5_000 }).toBe(own.pool.totalCount)
  } finally {
    await own.close()
  }
})

test('a database that is away is told as such', async () => {
  const own = await testApi()
  await own.pool.end()
  try {
    const { body } = await own.post('{ alerts { id } }')
    expect(JSON.stringify(body)).not.toMatch(/pool/)
    expect(body.errors?.[0]?.extensions?.correlationId).toBeDefined()
  } finally {
    await own.api.close()
    await own.database.drop()
  }
})
