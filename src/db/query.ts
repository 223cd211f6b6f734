/** Named SQL: one query a file in db/queries, with a header that states parameters, result columns and the index used. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../package-root'

const cache = new Map<string, string>()

/** Text of db/queries/<name>.sql. Throws when there is no such query. */
export function sql(name: string): string {
  let text = cache.get(name)
  if (text === undefined) {
    text = readFileSync(join(packageRoot, 'db', 'queries', `${name}.sql`), 'utf8')
    cache.set(name, text)
  }
  return text
}
