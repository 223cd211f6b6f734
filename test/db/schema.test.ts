/**
 * schema.graphql and the hand-written tables describe the same thing. Every query here is generated from the schema,
 * so a field without a column, a relation without its key or a column of the wrong type fails, whoever adds it.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Entity, Prop } from '@subsquid/openreader/lib/model'
import { loadModel } from '@subsquid/openreader/lib/tools'
import { toColumn, toFkColumn, toTable } from '@subsquid/openreader/lib/util/util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, createApi } from '../../src/api/server'
import { openPool, type Pool } from '../../src/db/pool'
import { packageRoot } from '../../src/package-root'
import { insert } from '../api/seed'
import { type TestDatabase, testDatabase } from '../support/database'

const model = loadModel(join(packageRoot, 'schema.graphql'))
const entities = Object.entries(model).filter((item): item is [string, Entity] => item[1].kind === 'entity')

/** Column types that hold a GraphQL scalar without loss. */
const COLUMN_TYPES: Readonly<Record<string, readonly string[]>> = {
  ID: ['text'],
  String: ['text'],
  BigInt: ['bigint', 'numeric'],
  Int: ['integer'],
  Float: ['double precision'],
  Boolean: ['boolean'],
  DateTime: ['timestamp with time zone'],
  JSON: ['jsonb'],
}

let database: TestDatabase
let pool: Pool
let api: Api
let columns: Map<string, { type: string; nullable: boolean; view: boolean }>

beforeAll(async () => {
  database = await testDatabase()
  pool = openPool(database.url, { application: 'schema-test', readOnly: true, max: 2 })
  api = await createApi({ pool, databaseUrl: database.url, chains: [] })
  const { rows } = await database.pool.query(`
    SELECT c.table_name || '.' || c.column_name AS name, c.data_type AS type, c.is_nullable = 'YES' AS nullable,
           t.table_type = 'VIEW' AS view
    FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public'`)
  columns = new Map(rows.map(({ name, ...column }) => [name, column]))
})
afterAll(async () => {
  await api?.close()
  await pool?.end()
  await database?.drop()
})

async function ask(query: string): Promise<Record<string, never>> {
  const response = await api.yoga.fetch('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const body = (await response.json()) as { data: Record<string, never>; errors?: unknown }
  expect(body.errors, query).toBeUndefined()
  return body.data
}

const scalars = (entity: Entity) =>
  Object.entries(entity.properties).filter(([, prop]) => prop.type.kind === 'scalar')
const scalarNames = (name: string) => scalars(model[name] as Entity).map(([field]) => field)

function relation(name: string, prop: Prop): string | undefined {
  if (prop.type.kind !== 'fk' && prop.type.kind !== 'lookup' && prop.type.kind !== 'list-lookup')
    return undefined
  return `${name} { ${scalarNames(prop.type.entity).join(' ')} }`
}

test('the schema has the entities of the design', () => {
  expect(entities.length).toBeGreaterThanOrEqual(30)
})

describe.each(entities)('%s', (name, entity) => {
  const list = name.charAt(0).toLowerCase() + name.slice(1)
  const properties = Object.entries(entity.properties)

  test('every scalar field has a column of a fitting type and nullability', () => {
    for (const [field, prop] of scalars(entity)) {
      const column = columns.get(`${toTable(name)}.${toColumn(field)}`)
      expect(column, `${name}.${field} has no column`).toBeDefined()
      const scalar = (prop.type as { name: string }).name
      expect(COLUMN_TYPES[scalar], `${name}.${field}: ${scalar}`).toContain(column!.type)
      if (!column!.view) expect(column!.nullable, `${name}.${field} nullable`).toBe(prop.nullable)
    }
  })

  test('every reference has its key column, and every column of the table is described', () => {
    const described = new Set<string>()
    for (const [field, prop] of properties) {
      if (prop.type.kind === 'scalar') described.add(toColumn(field))
      if (prop.type.kind !== 'fk') continue
      described.add(toFkColumn(field))
      const column = columns.get(`${toTable(name)}.${toFkColumn(field)}`)
      expect(column?.type, `${name}.${field}`).toBe('text')
      if (!column!.view) expect(column!.nullable, `${name}.${field} nullable`).toBe(prop.nullable)
    }
    const actual = [...columns.keys()].filter((key) => key.startsWith(`${toTable(name)}.`))
    const internal = actual.map((key) => key.split('.')[1]!).filter((column) => !described.has(column))
    expect(internal.filter((column) => !INTERNAL_COLUMNS.has(`${name}.${column}`))).toEqual([])
  })

  test('openreader reads all its fields and relations, filtered and ordered', async () => {
    const relations = properties
      .map(([field, prop]) => relation(field, prop))
      .filter((text) => text !== undefined)
    const fields = [...scalarNames(name), ...relations].join('\n')
    const plural = pluralOf(list)
    await ask(`{ ${plural}(limit: 2, where: { id_eq: "x" }, orderBy: [id_ASC]) { ${fields} } }`)
    await ask(`{ ${list}ById(id: "x") { ${fields} } ${plural}Connection(orderBy: [id_DESC], first: 2) {
      totalCount edges { node { id } } } }`)
    const ordered = scalars(entity).filter(([, prop]) => (prop.type as { name: string }).name !== 'JSON')
    const orders = ordered.flatMap(([field]) => [`${field}_ASC`, `${field}_DESC`])
    await ask(`{ ${plural}(limit: 1, orderBy: [${orders.join(' ')}]) { id } }`)
  })
})

/** Columns that are for the processes only. */
const INTERNAL_COLUMNS = new Set(['Chain.finalized_hash'])

function pluralOf(list: string): string {
  const names = Object.keys(api.yoga.getEnveloped({}).schema.getQueryType()!.getFields())
  const ofEntity = names.filter((field) => field.endsWith('Connection')).map((field) => field.slice(0, -10))
  const stem = list.replace(/(y|s)$/, '')
  const found = ofEntity.filter((field) => field.startsWith(stem)).sort((a, b) => a.length - b.length)[0]
  return found ?? list
}

test('a row of every table is read back whole', async () => {
  for (const [name] of entities) {
    if (columns.get(`${toTable(name)}.id`)!.view) continue
    const ids: Record<string, unknown> = { id: `row:${name}` }
    if (columns.has(`${toTable(name)}.chain_id`)) ids.chain_id = 31337
    if (name === 'OracleReport') ids.feed_id = 'row:OracleFeed'
    if (name === 'OracleSignature') ids.report_id = 'row:OracleReport'
    await insert(database.pool, toTable(name), ids)
    const list = name.charAt(0).toLowerCase() + name.slice(1)
    const data = await ask(`{ row: ${list}ById(id: "row:${name}") { ${scalarNames(name).join(' ')} } }`)
    expect(data.row, name).toMatchObject({ id: `row:${name}` })
    for (const [field, prop] of scalars(model[name] as Entity)) {
      if (!prop.nullable) expect(data.row![field], `${name}.${field}`).not.toBeNull()
    }
  }
})

describe('the generated typeorm entities', () => {
  // Compiled by tsc: vitest's transformer drops the types of decorated fields, from which typeorm guesses columns.
  const load = createRequire(join(packageRoot, 'package.json'))
  const typeorm = load('typeorm') as typeof import('typeorm')

  test.each(entities)('%s has the columns of its table', async (name) => {
    const compiled = join(packageRoot, 'lib', 'model')
    expect(existsSync(compiled), 'lib/model is missing: npm run build').toBe(true)
    const target = (load(compiled) as Record<string, () => void>)[name]
    expect(target, `lib/model lacks ${name}: npm run build`).toBeDefined()
    const storage = typeorm.getMetadataArgsStorage()
    const own = storage.columns.filter((column) => column.target === target)
    const keys = storage.relations.filter(
      (found) => found.target === target && found.relationType === 'many-to-one',
    )
    const expected = [
      ...own.map((column) => toColumn(column.propertyName)),
      ...keys.map((found) => toFkColumn(found.propertyName)),
    ]
    expect(own.length).toBeGreaterThan(0)
    expect(expected.filter((column) => !columns.has(`${toTable(name)}.${column}`))).toEqual([])
    const fields = Object.entries((model[name] as Entity).properties)
    expect(expected.length).toBe(fields.filter(([, prop]) => /^(scalar|fk)$/.test(prop.type.kind)).length)
  })
})
