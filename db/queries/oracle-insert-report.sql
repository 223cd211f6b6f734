-- Proposes a report. Its id is feed row, round and the number of earlier attempts at that round. Fails while the round
-- has a report that was not dropped.
-- Parameters: $1 feed row, $2 contract's chain id, $3 round, $4 value, $5 previous value, $6 confidence (bps),
--   $7 model hash, $8 bundle id, $9 observed at, $10 expires at (unix seconds), $11 as of (jsonb), $12 digest, $13 reason.
-- No result. Index: oracle_report_round_idx (attempts), primary key and oracle_report_live_round_idx.
INSERT INTO oracle_report (id, feed_id, chain_id, round, status, value, previous_value, confidence_bps, model_hash,
  bundle_id, observed_at, expires_at, as_of, digest, reason)
SELECT concat_ws(':', $1::text, $3::bigint, count(*)), $1::text, $2::bigint, $3::bigint, 'proposed', $4::numeric,
  $5::numeric, $6::integer, $7::text, $8::text, to_timestamp($9::bigint), to_timestamp($10::bigint), $11::jsonb,
  $12::text, $13::text
FROM oracle_report WHERE feed_id = $1::text AND round = $3::bigint
