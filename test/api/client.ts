/** A served API over a seeded database of its own, and short ways to ask it. */
import { expect } from 'vitest'
import { type Api, type ApiDeps, createApi } from '../../src/api/server'
import { openPool, type Pool } from '../../src/db/pool'
import { type TestDatabase, testDatabase } from '../support/database'
import { seed } from './seed'

export interface Answer {
  status: number
  body: {
    data?: Record<string, never> | null
    errors?: { message: string; extensions?: { code?: string; correlationId?: string } }[]
  }
}

export interface TestApi {
  api: Api
  database: TestDatabase
  /** What the API reads through. */
  pool: Pool
  post(query: string, variables?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Data of a query that must succeed. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads into whatever it asked for
  data(query: string, variables?: unknown): Promise<any>
  /** First error of a query that must fail, with neither SQL nor a stack in it. */
  error(query: string, variables?: unknown): Promise<{ message: string; code: string | undefined }>
  close(): Promise<void>
}

export async function testApi(deps: Partial<ApiDeps> = {}): Promise<TestApi> {
  const database = await testDatabase()
  await seed(database.pool)
  const pool = openPool(database.url, {
    application: 'api',
    readOnly: true,
    statementTimeoutMs: 2_000,
    max: 4,
  })
  const api = await createApi({ pool, databaseUrl: database.url, chains: [], ...deps })

  const post: TestApi['post'] = async (query, variables, headers) => {
    const response = await api.yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    })
    return { status: response.status, body: (await response.json()) as Answer['body'] }
  }
  return {
    api,
    database,
    pool,
    post,
    async data(query, variables) {
      const { body } = await post(query, variables)
      expect(body.errors).toBeUndefined()
      return body.data
    },
    async error(query, variables) {
      const { body, status } = await post(query, variables)
      expect(body.errors, JSON.stringify(body)).toBeDefined()
      const text = JSON.stringify(body)
      expect(text).not.toMatch(/SELECT|stacktrace|node_modules|at .*\.(js|ts):/)
      expect(status).toBeLessThan(600)
      const first = body.errors![0]!
      return { message: first.message, code: first.extensions?.code }
    },
    async close() {
      await api.close()
      await pool.end()
      await database.drop()
    },
  }
}
