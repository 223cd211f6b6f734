/**
 * Facts, state, journal, coverage and the batch log.
 *
 * Tables that grow with a chain are partitioned by chain; `plimsoll_add_chain(id)` makes a chain's partitions.
 * Account-keyed tables have the account first in their primary key, so that Citus can co-locate them; they carry
 * no triggers and no foreign keys. Small tables (chain, asset, market, price) stay whole.
 */
const fact = `
  id text NOT NULL,
  chain_id bigint NOT NULL,
  height bigint NOT NULL,
  log_index integer NOT NULL,
  sub_index integer NOT NULL,
  block_hash text NOT NULL,
  "timestamp" timestamptz NOT NULL,
  tx_hash text NOT NULL,
  verified boolean NOT NULL`
const factKey = 'PRIMARY KEY (chain_id, height, log_index, sub_index)'

const facts = {
  token_transfer: `asset_id text NOT NULL, from_id text NOT NULL, to_id text NOT NULL, amount numeric NOT NULL,
    token_id numeric, standard text NOT NULL`,
  token_approval: `asset_id text NOT NULL, owner_id text NOT NULL, spender_id text NOT NULL, amount numeric NOT NULL,
    token_id numeric, standard text NOT NULL`,
  lending_event: `protocol text NOT NULL, kind text NOT NULL, account_id text NOT NULL, initiator_id text NOT NULL,
    market_id text, asset_id text NOT NULL, amount numeric NOT NULL, collateral_asset_id text,
    collateral_amount numeric`,
  swap: `protocol text NOT NULL, pool_id text NOT NULL, sender_id text NOT NULL, recipient_id text NOT NULL,
    amount0 numeric NOT NULL, amount1 numeric NOT NULL, sqrt_price_x96 numeric, liquidity numeric, tick integer`,
  price_update: `source text NOT NULL, feed_id text NOT NULL, asset_id text, answer numeric NOT NULL,
    decimals integer, round_id numeric NOT NULL, updated_at timestamptz NOT NULL`,
  flash_loan: `protocol text NOT NULL, initiator_id text NOT NULL, receiver_id text NOT NULL,
    asset_id text NOT NULL, amount numeric NOT NULL, premium numeric NOT NULL`,
  admin_action: 'kind text NOT NULL, target_id text NOT NULL, actor_id text, detail jsonb NOT NULL',
  bridge_transfer: `bridge text NOT NULL, direction text NOT NULL, account_id text NOT NULL,
    asset_id text NOT NULL, amount numeric NOT NULL, remote_chain_id numeric`,
}

/** table → [columns, primary key, ...indexed column lists] */
const partitioned = {
  block: [
    `id text NOT NULL, chain_id bigint NOT NULL, height bigint NOT NULL, hash text NOT NULL,
     parent_hash text NOT NULL, "timestamp" timestamptz NOT NULL`,
    'PRIMARY KEY (chain_id, height)',
    'id',
  ],
  transaction: [
    `id text NOT NULL, chain_id bigint NOT NULL, height bigint NOT NULL, tx_index integer NOT NULL,
     block_hash text NOT NULL, "timestamp" timestamptz NOT NULL, hash text NOT NULL, from_id text NOT NULL,
     to_id text, created_contract_id text, value_wei numeric NOT NULL, gas_used numeric, status integer,
     method_id text, nonce numeric`,
    'PRIMARY KEY (chain_id, height, tx_index)',
    'id',
    'hash',
  ],
  account_event: [
    `id text NOT NULL, account_id text NOT NULL, chain_id bigint NOT NULL, height bigint NOT NULL,
     kind text NOT NULL, log_index integer NOT NULL, sub_index integer NOT NULL, role text NOT NULL,
     block_hash text NOT NULL, "timestamp" timestamptz NOT NULL, fact_id text NOT NULL, verified boolean NOT NULL,
     counterparty text, asset_id text, amount numeric`,
    'PRIMARY KEY (account_id, chain_id, height, kind, log_index, sub_index, role)',
    'chain_id, height',
  ],
  quarantine: [
    `id text NOT NULL, chain_id bigint NOT NULL, height bigint NOT NULL, log_index integer NOT NULL,
     block_hash text NOT NULL, tx_hash text NOT NULL, emitter text NOT NULL, topic0 text, reason text NOT NULL,
     data text NOT NULL`,
    'PRIMARY KEY (chain_id, height, log_index)',
  ],
  account: [
    `id text NOT NULL, chain_id bigint NOT NULL, address text NOT NULL, first_height bigint NOT NULL,
     first_timestamp timestamptz NOT NULL`,
    'PRIMARY KEY (id, chain_id)',
    'chain_id, first_height',
    'address',
  ],
  position: [
    `id text NOT NULL, account_id text NOT NULL, chain_id bigint NOT NULL, market_id text NOT NULL,
     protocol text NOT NULL, pool text NOT NULL, scaled_supply numeric NOT NULL, scaled_debt numeric NOT NULL,
     collateral_enabled boolean NOT NULL, complete boolean NOT NULL, updated_height bigint NOT NULL`,
    'PRIMARY KEY (account_id, chain_id, market_id)',
    'id',
    'market_id',
  ],
  position_version: [
    `id text NOT NULL, account_id text NOT NULL, chain_id bigint NOT NULL, market_id text NOT NULL,
     position_id text NOT NULL, protocol text NOT NULL, pool text NOT NULL, valid_from_block bigint NOT NULL,
     scaled_supply numeric NOT NULL, scaled_debt numeric NOT NULL, collateral_enabled boolean NOT NULL,
     complete boolean NOT NULL`,
    'PRIMARY KEY (account_id, chain_id, market_id, valid_from_block)',
    'chain_id, valid_from_block',
  ],
  market_version: [
    `id text NOT NULL, chain_id bigint NOT NULL, market_id text NOT NULL, valid_from_block bigint NOT NULL,
     state jsonb NOT NULL, revision integer NOT NULL, complete boolean NOT NULL`,
    'PRIMARY KEY (chain_id, market_id, valid_from_block)',
    'chain_id, valid_from_block',
  ],
  price_version: [
    `id text NOT NULL, chain_id bigint NOT NULL, price_id text NOT NULL, asset_id text NOT NULL, kind text NOT NULL,
     source text NOT NULL, valid_from_block bigint NOT NULL, answer numeric NOT NULL, decimals integer NOT NULL,
     updated_at timestamptz NOT NULL`,
    'PRIMARY KEY (chain_id, price_id, valid_from_block)',
    'asset_id, valid_from_block',
    'chain_id, valid_from_block',
  ],
  journal: [
    `chain_id bigint NOT NULL, height bigint NOT NULL, seq integer NOT NULL, table_name text NOT NULL,
     key jsonb NOT NULL, old jsonb`,
    'PRIMARY KEY (chain_id, height, seq)',
  ],
  hot_block: [
    'chain_id bigint NOT NULL, height bigint NOT NULL, hash text NOT NULL',
    'PRIMARY KEY (chain_id, height)',
  ],
}
for (const [table, columns] of Object.entries(facts)) {
  partitioned[table] = [`${fact}, ${columns}`, factKey, 'id']
}
partitioned.token_transfer.push('from_id', 'to_id', 'asset_id')
partitioned.lending_event.push('account_id, height', 'market_id')
partitioned.admin_action.push('target_id')

const whole = [
  `CREATE TABLE chain (id text PRIMARY KEY, chain_id bigint NOT NULL UNIQUE, name text NOT NULL,
     head_height bigint NOT NULL, head_hash text NOT NULL, head_timestamp timestamptz NOT NULL,
     finalized_height bigint NOT NULL, finalized_hash text NOT NULL, updated_at timestamptz NOT NULL)`,
  // Changes only when a processor starts, so that consumers can lock it without waiting for the running one.
  `CREATE TABLE chain_writer (chain_id bigint PRIMARY KEY, epoch bigint NOT NULL)`,
  `CREATE TABLE batch (id text NOT NULL, chain_id bigint NOT NULL, seq bigint NOT NULL, epoch bigint NOT NULL,
     from_height bigint NOT NULL, to_height bigint NOT NULL, head_hash text NOT NULL,
     finalized_height bigint NOT NULL, rollback_to bigint, row_count integer NOT NULL,
     created_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (chain_id, seq))`,
  `CREATE TABLE coverage (id text NOT NULL, chain_id bigint NOT NULL, protocol text NOT NULL,
     decoder_version integer NOT NULL, from_height bigint NOT NULL, to_height bigint NOT NULL,
     PRIMARY KEY (chain_id, protocol, decoder_version, from_height))`,
  `CREATE TABLE quarantine_emitter (id text NOT NULL, chain_id bigint NOT NULL, emitter text NOT NULL,
     stored bigint NOT NULL, dropped bigint NOT NULL, PRIMARY KEY (chain_id, emitter))`,
  `CREATE TABLE asset (id text PRIMARY KEY, chain_id bigint NOT NULL, address text NOT NULL, symbol text, name text,
     decimals integer, verified boolean NOT NULL, metadata text NOT NULL, first_height bigint NOT NULL)`,
  'CREATE INDEX ON asset (chain_id, first_height)',
  `CREATE INDEX ON asset (chain_id, first_height) WHERE metadata = 'pending'`,
  `CREATE TABLE market (id text PRIMARY KEY, chain_id bigint NOT NULL, protocol text NOT NULL, kind text NOT NULL,
     pool text NOT NULL, revision integer NOT NULL, asset_id text NOT NULL, asset1_id text, state jsonb NOT NULL,
     complete boolean NOT NULL, updated_height bigint NOT NULL)`,
  'CREATE INDEX ON market (chain_id, pool)',
  `CREATE TABLE price (id text PRIMARY KEY, chain_id bigint NOT NULL, asset_id text NOT NULL, kind text NOT NULL,
     source text NOT NULL, answer numeric NOT NULL, decimals integer NOT NULL, updated_at timestamptz NOT NULL,
     updated_height bigint NOT NULL)`,
  'CREATE INDEX ON price (asset_id)',
  `CREATE TABLE consumer_cursor (consumer text NOT NULL, chain_id bigint NOT NULL, seq bigint NOT NULL,
     epoch bigint NOT NULL, height bigint NOT NULL, PRIMARY KEY (consumer, chain_id))`,
]

function indexName(table, columns) {
  return `${table}_${columns.replaceAll(/[^a-z0-9_]+/g, '_')}_idx`
}

module.exports = class Core1763800000000 {
  name = 'Core1763800000000'

  async up(db) {
    await db.query('CREATE TABLE chain_partitioned_table (name text PRIMARY KEY)')
    for (const [table, [columns, key, ...indexes]] of Object.entries(partitioned)) {
      await db.query(`CREATE TABLE "${table}" (${columns}, ${key}) PARTITION BY LIST (chain_id)`)
      for (const index of indexes) {
        await db.query(`CREATE INDEX "${indexName(table, index)}" ON "${table}" (${index})`)
      }
      await db.query('INSERT INTO chain_partitioned_table VALUES ($1)', [table])
    }
    for (const statement of whole) await db.query(statement)
    await db.query('CREATE INDEX position_incomplete_idx ON position (chain_id) WHERE NOT complete')
    await db.query(`
      CREATE VIEW exposure AS
      SELECT p.id, p.chain_id, p.account_id, p.market_id, m.asset_id, p.protocol,
             floor(p.scaled_supply * (m.state ->> 'liquidityIndexRay')::numeric / 1e27) AS supplied_amount,
             floor(p.scaled_debt * (m.state ->> 'borrowIndexRay')::numeric / 1e27) AS borrowed_amount,
             p.complete AND m.complete AS complete
      FROM position p JOIN market m ON m.id = p.market_id`)
    await db.query(`
      CREATE FUNCTION plimsoll_add_chain(chain bigint) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE t text;
      BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('plimsoll_add_chain'));
        FOR t IN SELECT name FROM chain_partitioned_table LOOP
          EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES IN (%s)', t || '_' || chain, t, chain);
        END LOOP;
      END $$`)
    await db.query(`
      CREATE FUNCTION plimsoll_notify_batch() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_notify('plimsoll_batch', NEW.chain_id || ':' || NEW.seq); RETURN NULL; END $$`)
    await db.query(`CREATE TRIGGER batch_notify AFTER INSERT ON batch
      FOR EACH ROW EXECUTE FUNCTION plimsoll_notify_batch()`)
  }

  async down(db) {
    await db.query('DROP VIEW exposure')
    for (const table of Object.keys(partitioned)) await db.query(`DROP TABLE "${table}"`)
    for (const table of [
      'chain',
      'chain_writer',
      'batch',
      'coverage',
      'quarantine_emitter',
      'asset',
      'market',
      'price',
      'consumer_cursor',
      'chain_partitioned_table',
    ]) {
      await db.query(`DROP TABLE "${table}"`)
    }
    await db.query('DROP FUNCTION plimsoll_add_chain(bigint)')
    await db.query('DROP FUNCTION plimsoll_notify_batch()')
  }
}
