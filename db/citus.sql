-- Distribution of Plimsoll's tables over a Citus cluster: run once, after the migrations and before the first block.
--
--   psql "$DB_URL" -f db/citus.sql
--
-- Accounts: everything that is keyed by an account lies on the account's shard, so that an account is read, and its rows
-- are upserted, in one place. Blocks: facts lie on their block's shard; a block goes in and is undone in one place each.
-- Small tables that everyone joins are on every node. Tables that notify, and the processes' own bookkeeping, stay on the
-- coordinator: Citus does not run triggers on distributed tables. test/db/citus.test.ts holds this file against the
-- migrations.

CREATE EXTENSION IF NOT EXISTS citus;

SELECT create_reference_table('asset');
SELECT create_reference_table('market');
SELECT create_reference_table('price');
SELECT create_reference_table('market_price');
SELECT create_reference_table('chain');
SELECT create_reference_table('model_version');

SELECT create_distributed_table('account', 'id');
SELECT create_distributed_table('position', 'account_id', colocate_with => 'account');
SELECT create_distributed_table('position_version', 'account_id', colocate_with => 'account');
SELECT create_distributed_table('position_health', 'account_id', colocate_with => 'account');
SELECT create_distributed_table('token_balance', 'account_id', colocate_with => 'account');
SELECT create_distributed_table('score_row', 'account_id', colocate_with => 'account');
SELECT create_distributed_table('shadow_score', 'account_id', colocate_with => 'account');

SELECT create_distributed_table('block', 'height');
SELECT create_distributed_table('transaction', 'height', colocate_with => 'block');
SELECT create_distributed_table('token_transfer', 'height', colocate_with => 'block');
SELECT create_distributed_table('token_approval', 'height', colocate_with => 'block');
SELECT create_distributed_table('lending_event', 'height', colocate_with => 'block');
SELECT create_distributed_table('swap', 'height', colocate_with => 'block');
SELECT create_distributed_table('price_update', 'height', colocate_with => 'block');
SELECT create_distributed_table('flash_loan', 'height', colocate_with => 'block');
SELECT create_distributed_table('admin_action', 'height', colocate_with => 'block');
SELECT create_distributed_table('bridge_transfer', 'height', colocate_with => 'block');
SELECT create_distributed_table('quarantine', 'height', colocate_with => 'block');

SELECT create_distributed_table('market_version', 'market_id');
SELECT create_distributed_table('price_version', 'price_id');

-- local: batch, alert, oracle_report, oracle_signature (they notify)
-- local: chain_writer, coverage, hot_block, journal, quarantine_emitter, source_endpoint, consumer_cursor (a processor's or consumer's own)
-- local: price_round, risk_round, alert_journal, oracle_feed, oracle_transaction, stress_run, model_file, model_drift, model_calibration (few rows)
-- local: chain_partitioned_table, chain_index, migrations (of the migrations)
