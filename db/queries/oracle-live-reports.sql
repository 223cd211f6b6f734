-- Reports of a contract that are on their way: proposed, signed or sent.
-- Parameters: $1 contract's chain id, $2 contract.
-- Result: id, feed_row, feed_id (bytes32), subject_chain_id, status, round, value, previous_value, confidence_bps,
--   model_hash, bundle_id, observed_at, expires_at (unix seconds), as_of, digest, tx_hash; oldest first.
-- Index: oracle_report_live_idx.
SELECT r.id, f.id AS feed_row, f.feed_id, f.subject_chain_id, r.status, r.round, r.value, r.previous_value,
       r.confidence_bps, r.model_hash, r.bundle_id, extract(epoch FROM r.observed_at)::bigint AS observed_at,
       extract(epoch FROM r.expires_at)::bigint AS expires_at, r.as_of, r.digest, r.tx_hash
FROM oracle_report r JOIN oracle_feed f ON f.id = r.feed_id
WHERE r.status IN ('proposed', 'signed', 'sent') AND f.chain_id = $1 AND f.contract = $2
ORDER BY r.created_at, r.id
