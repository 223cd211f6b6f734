-- Proposes a report. Fails on a round number that was ever used, whatever became of its report.
-- Parameters: $1 id, $2 feed row, $3 contract's chain id, $4 round, $5 value, $6 previous value, $7 confidence (bps),
--   $8 model hash, $9 bundle id, $10 observed at, $11 expires at (unix seconds), $12 as of (jsonb), $13 digest, $14 reason.
-- No result. Index: primary key and oracle_report_round_idx.
INSERT INTO oracle_report (id, feed_id, chain_id, round, status, value, previous_value, confidence_bps, model_hash,
  bundle_id, observed_at, expires_at, as_of, digest, reason)
VALUES ($1, $2, $3, $4, 'proposed', $5, $6, $7, $8, $9, to_timestamp($10::bigint), to_timestamp($11::bigint),
  $12, $13, $14)
