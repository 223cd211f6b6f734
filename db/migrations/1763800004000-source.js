/** What each chain's source says of its endpoints: written by the processor every few seconds, read by /metrics. */
const tables = [
  `CREATE TABLE source_endpoint (chain_id bigint NOT NULL, ordinal integer NOT NULL, name text NOT NULL,
     host text NOT NULL, kind text NOT NULL, state text NOT NULL, reason text, latency_ms double precision,
     head_height bigint, requests bigint NOT NULL, failures bigint NOT NULL, failovers bigint NOT NULL,
     range_blocks bigint NOT NULL, updated_at timestamptz NOT NULL, PRIMARY KEY (chain_id, ordinal))`,
]

module.exports = class Source1763800004000 {
  name = 'Source1763800004000'

  async up(db) {
    for (const statement of tables) await db.query(statement)
  }

  async down(db) {
    await db.query('DROP TABLE source_endpoint')
  }
}
