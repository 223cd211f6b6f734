/** The same features by DuckDB, from a table in its memory: the best formulation we know, one row a pair of accounts first. */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { TransferColumns } from '../../src/features/columnar/transfers'

/** DuckDB's own size of a vector. */
const CHUNK_ROWS = 2_048

/** Loads transfers into table `transfers`: account codes (null recipient: a creation), exact value, seconds. */
export async function loadDuckdb(columns: TransferColumns, threads: number): Promise<DuckDBConnection> {
  const { DuckDBDataChunk, DuckDBInstance, INTEGER, UINTEGER } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) })
  const connection = await instance.connect()
  await connection.run(
    'CREATE TABLE words (sender INTEGER, recipient INTEGER, w0 UINTEGER, w1 UINTEGER, w2 UINTEGER, time_sec UINTEGER)',
  )
  const appender = await connection.createAppender('words')
  const { from, to, word0, word1, word2, timeSec, count } = columns
  for (let row = 0; row < count; row += CHUNK_ROWS) {
    const end = Math.min(count, row + CHUNK_ROWS)
    const chunk = DuckDBDataChunk.create(
      [INTEGER, INTEGER, UINTEGER, UINTEGER, UINTEGER, UINTEGER],
      end - row,
    )
    for (const [i, column] of [from, to, word0, word1, word2, timeSec].entries()) {
      chunk.setColumnValues(i, Array.from(column.subarray(row, end)))
    }
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
  await connection.run(`CREATE TABLE transfers AS
    SELECT sender, CASE WHEN recipient >= 0 THEN recipient END AS recipient, time_sec,
           w2::HUGEINT * 18446744073709551616 + w1::HUGEINT * 4294967296 + w0::HUGEINT AS value FROM words`)
  await connection.run('DROP TABLE words')
  return connection
}

const side = (own: string, other: string): string => `
  SELECT ${own} AS account, sum(n) AS n, count(*) AS uniq, sum(n * n) AS squares, max(n) AS top, sum(total) AS total,
         min(least) AS least, max(most) AS most, min(first_sec) AS first_sec, max(last_sec) AS last_sec
  FROM pairs WHERE ${other} IS NOT NULL GROUP BY ${own}`

const eth = (wei: string): string => `(coalesce(${wei}, 0)::DOUBLE / 1e18)`
const gap = (t: string): string =>
  `CASE WHEN ${t}.n > 1 THEN (${t}.last_sec - ${t}.first_sec) / 60.0::DOUBLE / ${t}.n ELSE 0 END::FLOAT`

/** One row an account that has a transfer, ascending, in table `features`. */
const QUERY = `
CREATE OR REPLACE TABLE features AS
WITH pairs AS MATERIALIZED (
  SELECT sender, recipient, count(*) AS n, sum(value) AS total, min(value) AS least, max(value) AS most,
         min(time_sec) AS first_sec, max(time_sec) AS last_sec
  FROM transfers GROUP BY sender, recipient
),
sent AS (${side('sender', 'recipient')}),
received AS (${side('recipient', 'recipient')}),
created AS (
  SELECT sender AS account, n, first_sec, last_sec FROM pairs WHERE recipient IS NULL
)
SELECT account, ${gap('s')} AS avgSentGapMin, ${gap('r')} AS avgReceivedGapMin,
  ((greatest(s.last_sec, r.last_sec, c.last_sec) - least(s.first_sec, r.first_sec, c.first_sec)) / 60.0::DOUBLE)::FLOAT AS spanMin,
  coalesce(s.n, 0)::FLOAT AS sentCount, coalesce(r.n, 0)::FLOAT AS receivedCount, coalesce(c.n, 0)::FLOAT AS createdCount,
  coalesce(r.uniq, 0)::FLOAT AS uniqueSendersCount, coalesce(s.uniq, 0)::FLOAT AS uniqueRecipientsCount,
  ${eth('r.least')}::FLOAT AS minReceivedEth, ${eth('r.most')}::FLOAT AS maxReceivedEth,
  CASE WHEN r.n > 0 THEN ${eth('r.total')} / r.n ELSE 0 END::FLOAT AS avgReceivedEth,
  ${eth('s.least')}::FLOAT AS minSentEth, ${eth('s.most')}::FLOAT AS maxSentEth,
  CASE WHEN s.n > 0 THEN ${eth('s.total')} / s.n ELSE 0 END::FLOAT AS avgSentEth,
  (coalesce(s.n, 0) + coalesce(r.n, 0) + coalesce(c.n, 0))::FLOAT AS transactionCount,
  ${eth('s.total')}::FLOAT AS totalSentEth, ${eth('r.total')}::FLOAT AS totalReceivedEth,
  ${eth('coalesce(r.total, 0) - coalesce(s.total, 0)')}::FLOAT AS netEth,
  (s.squares::DOUBLE / (s.n::DOUBLE * s.n))::FLOAT AS outHhi, (s.top::DOUBLE / s.n)::FLOAT AS outTopShare,
  (r.squares::DOUBLE / (r.n::DOUBLE * r.n))::FLOAT AS inHhi, (r.top::DOUBLE / r.n)::FLOAT AS inTopShare
FROM sent s FULL JOIN received r USING (account) FULL JOIN created c USING (account)
ORDER BY account`

/** Computes the table of features. */
export async function computeDuckdb(connection: DuckDBConnection): Promise<void> {
  await connection.run(QUERY)
}

/** Every `oneIn`th account that has a transfer, and its columns by name; a share of nothing is NaN. */
export async function readDuckdb(
  connection: DuckDBConnection,
  oneIn: number,
): Promise<{ accounts: number[]; columns: Record<string, number[]> }> {
  const reader = await connection.runAndReadAll(`SELECT * FROM features WHERE account % ${oneIn} = 0`)
  const [account, ...columns] = reader.getColumns()
  const numbers = (values: readonly unknown[] | undefined) =>
    (values ?? []).map((value) => (value === null ? Number.NaN : Number(value)))
  const names = reader.columnNames().slice(1)
  return {
    accounts: numbers(account),
    columns: Object.fromEntries(names.map((name, i) => [name, numbers(columns[i])])),
  }
}
