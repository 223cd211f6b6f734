/**
 * Prices beyond what feeds announce: the rounds in which silent oracles were called, the market price of each listed asset
 * at the newest scoring round, and how sure the prices are that a position's dollars rest on.
 */
const up = [
  // One row for each height at which oracles were called and answered. `missing` names those that did not.
  `CREATE TABLE price_round (id text NOT NULL, chain_id bigint NOT NULL, height bigint NOT NULL,
     block_hash text NOT NULL, "timestamp" timestamptz NOT NULL, asked integer NOT NULL, answered integer NOT NULL,
     changed integer NOT NULL, missing jsonb NOT NULL, PRIMARY KEY (chain_id, height))`,
  // As position_health: of the newest round alone. History is in price_version and market_version.
  `CREATE TABLE market_price (id text NOT NULL, chain_id bigint NOT NULL, asset_id text NOT NULL,
     height bigint NOT NULL, block_hash text NOT NULL, "timestamp" timestamptz NOT NULL, answer numeric NOT NULL,
     decimals integer NOT NULL, source text NOT NULL, age_sec bigint NOT NULL, confidence_bps integer NOT NULL,
     stale boolean NOT NULL, single_source boolean NOT NULL, sources jsonb NOT NULL,
     PRIMARY KEY (chain_id, asset_id))`,
  'CREATE INDEX market_price_asset_idx ON market_price (asset_id)',
  'ALTER TABLE position_health ADD COLUMN price_confidence_bps integer',
  // Pools that may price an asset are looked up by their tokens; a busy chain has hundreds of thousands of others.
  'CREATE INDEX market_pair_idx ON market (asset_id, asset1_id) WHERE asset1_id IS NOT NULL',
]

module.exports = class Prices1763800003000 {
  name = 'Prices1763800003000'

  async up(db) {
    for (const statement of up) await db.query(statement)
  }

  async down(db) {
    await db.query('DROP INDEX market_pair_idx')
    await db.query('ALTER TABLE position_health DROP COLUMN price_confidence_bps')
    await db.query('DROP TABLE market_price')
    await db.query('DROP TABLE price_round')
  }
}
