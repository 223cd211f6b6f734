/**
 * The served schema: entity queries that openreader builds from schema.graphql, merged with the topic fields.
 *
 * openreader contributes lists, by-id lookups and connections for each entity. Its lists have no default length, so
 * an unbounded list is given one here; ResponseSizeLimit (see context.ts) then bounds what a request may multiply.
 */
import { join } from 'node:path'
import { getSchemaBuilder } from '@subsquid/openreader/lib/dialect'
import { loadModel } from '@subsquid/openreader/lib/tools'
import {
  extendSchema,
  type GraphQLFieldMap,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isObjectType,
  parse,
} from 'graphql'
import { PlimsollError } from '../errors'
import { packageRoot } from '../package-root'
import type { ApiContext } from './context'

/** Resolver of one field; arguments have been coerced by GraphQL to what the topic's SDL says. */
export type Resolver<Source, Args> = (source: Source, args: Args, context: ApiContext) => unknown

/** SDL that extends the entity schema, and resolvers for the fields that need one, by type and field name. */
export interface Topic {
  typeDefs: string
  resolvers: Record<string, Record<string, Resolver<never, never>>>
  /** Sources of subscription fields. */
  subscriptions?: Record<string, Resolver<unknown, never>>
}

/** Rows of an entity list whose query names no limit. */
export const DEFAULT_LIST_ROWS = 100
/** Rows of a nested list whose query names no limit. */
export const DEFAULT_NESTED_ROWS = 20

/** Builds the schema. @param schemaFile default: schema.graphql of this package */
export async function buildSchema(
  topics: readonly Topic[],
  schemaFile = join(packageRoot, 'schema.graphql'),
): Promise<GraphQLSchema> {
  const builder = await getSchemaBuilder({ model: loadModel(schemaFile) })
  const entities = builder.build()
  setDefaultLimits(entities)
  const schema = extendSchema(entities, parse(topics.map((topic) => topic.typeDefs).join('\n')))
  for (const topic of topics) attach(schema, topic)
  return schema
}

function setDefaultLimits(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const limit = field.args.find((arg) => arg.name === 'limit')
      if (limit) limit.defaultValue = type === schema.getQueryType() ? DEFAULT_LIST_ROWS : DEFAULT_NESTED_ROWS
    }
  }
}

function fieldsOf(schema: GraphQLSchema, typeName: string): GraphQLFieldMap<unknown, ApiContext> {
  const type = schema.getType(typeName)
  if (!isObjectType(type)) throw new PlimsollError(`topic resolves ${typeName}, which is no object type`)
  return type.getFields()
}

function attach(schema: GraphQLSchema, topic: Topic): void {
  for (const [typeName, resolvers] of Object.entries(topic.resolvers)) {
    const fields = fieldsOf(schema, typeName)
    for (const [name, resolver] of Object.entries(resolvers)) {
      const field = fields[name]
      if (!field)
        throw new PlimsollError(`topic resolves ${typeName}.${name}, which its SDL does not declare`)
      field.resolve = resolver as unknown as GraphQLFieldResolver<unknown, ApiContext>
    }
  }
  for (const [name, source] of Object.entries(topic.subscriptions ?? {})) {
    const field = fieldsOf(schema, 'Subscription')[name]
    if (!field) throw new PlimsollError(`topic feeds Subscription.${name}, which its SDL does not declare`)
    field.subscribe = source as unknown as GraphQLFieldResolver<unknown, ApiContext>
    field.resolve = (event) => event
  }
}
