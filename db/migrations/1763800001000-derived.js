/** What is derived from facts and state: scores, health, alerts, oracle reports, stress runs. */
const tables = [
  `CREATE TABLE model_version (id text PRIMARY KEY, name text NOT NULL, version text NOT NULL, sha256 text NOT NULL,
     spec jsonb NOT NULL, metrics jsonb NOT NULL)`,
  `CREATE TABLE position_health (id text NOT NULL, account_id text NOT NULL, chain_id bigint NOT NULL,
     protocol text NOT NULL, pool text NOT NULL, height bigint NOT NULL, block_hash text NOT NULL,
     "timestamp" timestamptz NOT NULL, health_factor_wad numeric, collateral_base numeric NOT NULL,
     debt_base numeric NOT NULL, bad_debt_base numeric NOT NULL, liquidation_threshold_bps numeric NOT NULL,
     ltv_bps numeric NOT NULL, liquidation_prices jsonb NOT NULL,
     PRIMARY KEY (account_id, chain_id, pool)) PARTITION BY LIST (chain_id)`,
  'CREATE INDEX position_health_id_idx ON position_health (id)',
  'CREATE INDEX position_health_factor_idx ON position_health (health_factor_wad)',
  `CREATE TABLE score (id text NOT NULL, account_id text NOT NULL, chain_id bigint NOT NULL,
     subject_kind text NOT NULL, subject_id text NOT NULL, model_name text NOT NULL, model_version text NOT NULL,
     model_sha256 text NOT NULL, feature_hash text NOT NULL, features jsonb NOT NULL, height bigint NOT NULL,
     block_hash text NOT NULL, "timestamp" timestamptz NOT NULL, as_of jsonb NOT NULL,
     value double precision NOT NULL, reasons jsonb NOT NULL, reasons_method text NOT NULL, current boolean NOT NULL,
     PRIMARY KEY (account_id, chain_id, subject_id, model_name, height)) PARTITION BY LIST (chain_id)`,
  'CREATE INDEX score_id_idx ON score (id)',
  'CREATE INDEX score_subject_idx ON score (subject_id, model_name, height DESC)',
  'CREATE INDEX score_current_idx ON score (model_name, value DESC) WHERE current',
  'CREATE INDEX score_height_idx ON score (chain_id, height)',
  `CREATE TABLE risk_round (id text NOT NULL, chain_id bigint NOT NULL, height bigint NOT NULL,
     round_height bigint NOT NULL, block_hash text NOT NULL, "timestamp" timestamptz NOT NULL,
     mean_score double precision, at_risk_debt_usd double precision NOT NULL, debt_usd double precision NOT NULL,
     bad_debt_usd double precision NOT NULL, positions integer NOT NULL, at_risk_positions integer NOT NULL,
     PRIMARY KEY (chain_id, height))`,
  'CREATE INDEX risk_round_due_idx ON risk_round (chain_id, round_height)',
  // Always set; nullable as in GraphQL, because a retracted alert outlives the account that an orphaned block introduced.
  `CREATE TABLE alert (id text PRIMARY KEY, account_id text, chain_id bigint NOT NULL,
     detector text NOT NULL, alert_id text NOT NULL, name text NOT NULL, description text NOT NULL,
     severity text NOT NULL, type text NOT NULL, protocol text, addresses jsonb NOT NULL, labels jsonb NOT NULL,
     unique_key text NOT NULL, status text NOT NULL, stage text, finality text NOT NULL, height bigint NOT NULL,
     block_hash text NOT NULL, tx_hash text, occurrences integer NOT NULL, probability double precision,
     precision jsonb, reasons jsonb NOT NULL, model_sha256 text, usd_at_risk double precision,
     affected_markets jsonb NOT NULL, block_timestamp timestamptz NOT NULL, updated_height bigint NOT NULL,
     updated_timestamp timestamptz NOT NULL, detected_at timestamptz NOT NULL, delivered_at timestamptz, retracted_at timestamptz)`,
  'CREATE INDEX alert_chain_height_idx ON alert (chain_id, height)',
  'CREATE INDEX alert_account_idx ON alert (account_id)',
  'CREATE INDEX alert_detected_idx ON alert (detected_at DESC)',
  'CREATE INDEX alert_unique_key_idx ON alert (unique_key, status)',
  `CREATE TABLE alert_journal (chain_id bigint NOT NULL, height bigint NOT NULL, alert_id text NOT NULL, old jsonb,
     PRIMARY KEY (chain_id, height, alert_id))`,
  `CREATE TABLE oracle_feed (id text PRIMARY KEY, chain_id bigint NOT NULL, contract text NOT NULL,
     feed_id text NOT NULL, subject_id text NOT NULL, metric text NOT NULL, subject_chain_id bigint NOT NULL,
     feed_address text, decimals integer NOT NULL, config jsonb NOT NULL)`,
  `CREATE TABLE oracle_report (id text PRIMARY KEY, feed_id text NOT NULL REFERENCES oracle_feed (id),
     chain_id bigint NOT NULL, round bigint NOT NULL, status text NOT NULL, value numeric NOT NULL,
     previous_value numeric NOT NULL, confidence_bps integer NOT NULL, model_hash text NOT NULL,
     bundle_id text NOT NULL, observed_at timestamptz NOT NULL, expires_at timestamptz NOT NULL,
     as_of jsonb NOT NULL, digest text NOT NULL, tx_hash text, block_number bigint, reason text,
     created_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  // One live report for a (feed, round). A number that nobody signed may be tried again once its report is dropped; that
  // no signer signs two values for it is held by the primary key of oracle_signature (feed, round, signer).
  `CREATE UNIQUE INDEX oracle_report_live_round_idx ON oracle_report (feed_id, round) WHERE status <> 'dropped'`,
  'CREATE INDEX oracle_report_round_idx ON oracle_report (feed_id, round)',
  'CREATE INDEX oracle_report_recent_idx ON oracle_report (feed_id, created_at)',
  `CREATE INDEX oracle_report_live_idx ON oracle_report (chain_id) WHERE status IN ('proposed', 'signed', 'sent')`,
  `CREATE TABLE oracle_signature (id text PRIMARY KEY, report_id text NOT NULL REFERENCES oracle_report (id),
     signer text NOT NULL, signature text, refusal text,
     created_at timestamptz NOT NULL DEFAULT clock_timestamp(), UNIQUE (report_id, signer))`,
  `CREATE TABLE oracle_transaction (id bigserial PRIMARY KEY, chain_id bigint NOT NULL, sender text NOT NULL,
     nonce bigint NOT NULL, tx_hash text NOT NULL UNIQUE, raw text NOT NULL, report_ids jsonb NOT NULL,
     status text NOT NULL, created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     UNIQUE (chain_id, sender, nonce, tx_hash))`,
  `CREATE UNIQUE INDEX oracle_transaction_nonce_idx ON oracle_transaction (chain_id, sender, nonce)
     WHERE status <> 'replaced'`,
  `CREATE TABLE stress_run (id text PRIMARY KEY, chain_id bigint NOT NULL, scenario text NOT NULL,
     as_of jsonb NOT NULL, seed numeric NOT NULL, model_sha256 text NOT NULL, status text NOT NULL,
     result jsonb NOT NULL, created_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  `INSERT INTO chain_partitioned_table VALUES ('position_health'), ('score')`,
  `CREATE FUNCTION plimsoll_notify_row() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN PERFORM pg_notify('plimsoll_' || TG_TABLE_NAME, NEW.id::text); RETURN NULL; END $$`,
  ...['alert', 'oracle_report', 'oracle_signature'].map(
    (table) => `CREATE TRIGGER ${table}_notify AFTER INSERT OR UPDATE ON ${table}
      FOR EACH ROW EXECUTE FUNCTION plimsoll_notify_row()`,
  ),
]

module.exports = class Derived1763800001000 {
  name = 'Derived1763800001000'

  async up(db) {
    for (const statement of tables) await db.query(statement)
  }

  async down(db) {
    for (const table of [
      'stress_run',
      'oracle_transaction',
      'oracle_signature',
      'oracle_report',
      'oracle_feed',
      'alert_journal',
      'alert',
      'risk_round',
      'score',
      'position_health',
      'model_version',
    ]) {
      await db.query(`DROP TABLE "${table}"`)
    }
    await db.query('DROP FUNCTION plimsoll_notify_row()')
    await db.query(`DELETE FROM chain_partitioned_table WHERE name IN ('position_health', 'score')`)
  }
}
