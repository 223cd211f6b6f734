/** Entity queries that openreader contributes: filters, order, pages, connections, relations, and hostile input. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApi, testApi } from './client'
import { account, alertOf, HARBOR, insert, LENDER, RISKY, SAFE } from './seed'

let served: TestApi
beforeAll(async () => {
  served = await testApi()
  for (let i = 0; i < 120; i++) {
    const overrides = {
      id: `page-${String(i).padStart(3, '0')}`,
      account_id: account(SAFE),
      height: 1000 + i,
    }
    await insert(
      served.database.pool,
      'alert',
      alertOf({ ...overrides, severity: i % 2 ? 'low' : 'critical' }),
    )
  }
})
afterAll(() => served?.close())

test('filters compare, combine and reach through relations', async () => {
  const data = await served.data(`{
    above: positionHealths(where: { healthFactorWad_gt: "1500000000000000000" }) { account { address } }
    none: positionHealths(where: { healthFactorWad_isNull: true }) { account { address } }
    either: accounts(where: { address_eq: "${RISKY}", OR: { address_startsWith: "0x3" } }, orderBy: address_ASC) { address }
    through: scores(where: { current_eq: true, account: { address_eq: "${RISKY}" } }) { value modelName }
    some: accounts(where: { scores_some: { value_gt: 0.5 } }) { id }
  }`)
  expect(data.above).toEqual([{ account: { address: SAFE } }])
  expect(data.none).toEqual([{ account: { address: LENDER } }])
  expect(data.either).toEqual([{ address: RISKY }, { address: LENDER }])
  expect(data.through).toEqual([{ value: 0.8, modelName: 'credit' }])
  expect(data.some).toEqual([{ id: account(RISKY) }])
})

test('nested relations come in one request, with BigInt as decimal text and times in ISO-8601', async () => {
  const { account: found } = (await served.data(
    `query ($id: String!) { account: accountById(id: $id) {
        address chainId firstTimestamp
        positions(orderBy: market_protocol_ASC, where: { scaledDebt_gt: "0" }) {
          scaledDebt market { asset { symbol decimals prices { answer } } } }
        events { kind amount } } }`,
    { id: account(RISKY) },
  )) as { account: unknown }
  expect(found).toEqual({
    address: RISKY,
    chainId: String(HARBOR),
    firstTimestamp: '2026-01-01T00:00:00.000000Z',
    positions: [
      {
        scaledDebt: '1500000000',
        market: { asset: { symbol: 'USDC', decimals: 6, prices: [{ answer: '100000000' }] } },
      },
    ],
    events: [{ kind: 'tokenTransfer', amount: '1500000000' }],
  })
})

test('lists are ordered and paged; a list without limit is cut at 100', async () => {
  const where = 'where: { height_gte: "1000" }'
  const { page, all } = await served.data(`{
    page: alerts(${where}, orderBy: height_DESC, limit: 3, offset: 2) { height }
    all: alerts(${where}) { id }
  }`)
  expect(page).toEqual([{ height: '1117' }, { height: '1116' }, { height: '1115' }])
  expect(all).toHaveLength(100)
})

test('a connection is walked by cursor to its end', async () => {
  const query = `query ($after: String) {
    alertsConnection(where: { id_startsWith: "page-" }, orderBy: id_ASC, first: 50, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id } } } }`
  const seen: string[] = []
  let after: string | undefined
  for (let page = 0; page < 3; page++) {
    const { alertsConnection } = await served.data(query, { after })
    expect(alertsConnection.totalCount).toBe(120)
    expect(alertsConnection.pageInfo.hasNextPage).toBe(page < 2)
    seen.push(...alertsConnection.edges.map((edge: { node: { id: string } }) => edge.node.id))
    after = alertsConnection.pageInfo.endCursor
  }
  expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => `page-${String(i).padStart(3, '0')}`))
})

describe('hostile input gets a clear error and no internals', () => {
  const cases: [name: string, query: string, variables: unknown, message: RegExp, code?: string][] = [
    ['negative limit', '{ alerts(limit: -1) { id } }', {}, /limit must not be negative/, 'BAD_USER_INPUT'],
    [
      'negative limit in a variable',
      'query ($n: Int) { alerts(limit: $n) { id } }',
      { n: -5 },
      /limit must not be negative/,
    ],
    ['negative default', 'query ($n: Int = -5) { alerts(limit: $n) { id } }', {}, /\$n must not be negative/],
    ['negative nested limit', '{ accounts { events(limit: -9) { id } } }', {}, /limit must not be negative/],
    ['negative offset', '{ alerts(offset: -1) { id } }', {}, /offset must not be negative/],
    [
      'negative first',
      '{ alertsConnection(orderBy: id_ASC, first: -1) { totalCount } }',
      {},
      /first must not be negative/,
    ],
    ['negative topic limit', '{ overview(limit: -1) { alerts { id } } }', {}, /limit must not be negative/],
    ['huge limit', '{ alerts(limit: 2000000000) { id } }', {}, /limit must be at most 10000/],
    ['limit beyond Int', '{ alerts(limit: 99999999999) { id } }', {}, /Int cannot represent/],
    [
      'limits that multiply',
      '{ accounts(limit: 9000) { events(limit: 9000) { id kind } } }',
      {},
      /size limit/,
      'BAD_USER_INPUT',
    ],
    ['invalid BigInt', '{ alerts(where: { height_eq: "12x" }) { id } }', {}, /Not a BigInt: 12x/],
    [
      'invalid BigInt in a variable',
      'query ($h: BigInt) { alerts(where: { height_eq: $h }) { id } }',
      { h: '1e9' },
      /Not a BigInt: 1e9/,
    ],
    [
      'BigInt beyond the column',
      '{ alerts(where: { height_eq: "99999999999999999999999" }) { id } }',
      {},
      /does not fit its column/,
      'BAD_USER_INPUT',
    ],
    ['invalid time', '{ alerts(where: { detectedAt_gt: "yesterday" }) { id } }', {}, /Not a DateTime/],
    [
      'NUL in a string',
      '{ alerts(where: { id_eq: "a\\u0000b" }) { id } }',
      {},
      /must not contain NUL/,
      'BAD_USER_INPUT',
    ],
    [
      'NUL in a variable',
      'query ($id: String!) { accountById(id: $id) { id } }',
      { id: 'a\0b' },
      /must not contain NUL/,
    ],
    [
      'bad cursor',
      '{ alertsConnection(orderBy: id_ASC, after: "x") { totalCount } }',
      {},
      /invalid cursor/,
      'BAD_USER_INPUT',
    ],
    ['unknown field', '{ alerts { passwords } }', {}, /Cannot query field "passwords"/],
    ['missing variable', 'query ($id: String!) { accountById(id: $id) { id } }', {}, /was not provided/],
    ['wrong enum', '{ alerts(orderBy: height_SIDEWAYS) { id } }', {}, /height_SIDEWAYS/],
    ['chain id beyond Int', '{ marketRisk(chainId: 99999999999) { marketId } }', {}, /Int cannot represent/],
    ['syntax', '{ alerts { id ', {}, /Syntax Error/],
    ['mutation', 'mutation { drop }', {}, /not configured to execute mutation|Cannot query|mutation/i],
  ]
  test.each(cases)('%s', async (_name, query, variables, message, code) => {
    const error = await served.error(query, variables)
    expect(error.message).toMatch(message)
    if (code) expect(error.code).toBe(code)
  })

  test('SQL in values is only a value', async () => {
    for (const text of [`' OR 1=1 --`, `"; DROP TABLE alert; --`, `$1`, `\\'; SELECT pg_sleep(9)`]) {
      const data = await served.data(
        `query ($t: String!) { alerts(where: { name_contains: $t }) { id } accountById(id: $t) { id } }`,
        { t: text },
      )
      expect(data).toEqual({ alerts: [], accountById: null })
    }
    expect(
      (await served.data('{ alertsConnection(orderBy: id_ASC) { totalCount } }')).alertsConnection.totalCount,
    ).toBe(122)
  })
})
