-- Oracle feeds, each with its newest confirmed report and the status of its newest report. No parameters.
-- Columns: as in type OracleFeedStatus of src/api/topics/overview.ts. Indexes: oracle_report_live_round_idx,
-- oracle_report_round_idx; asset's primary key.
SELECT f.id AS feed, f.subject_id AS subject, a.symbol, f.subject_chain_id::int AS "subjectChainId", f.metric, c.round::text AS round,
       (c.value / 10::numeric ^ f.decimals)::float8 AS value, c.observed_at AS "updatedAt", c.tx_hash AS "txHash",
       n.status, c.id IS NULL OR c.expires_at < clock_timestamp() AS stale
FROM oracle_feed f
LEFT JOIN asset a ON a.id = f.subject_id
LEFT JOIN LATERAL (
  SELECT * FROM oracle_report r WHERE r.feed_id = f.id AND r.status = 'confirmed' ORDER BY r.round DESC LIMIT 1
) c ON true
LEFT JOIN LATERAL (
  SELECT r.status FROM oracle_report r WHERE r.feed_id = f.id ORDER BY r.round DESC, r.created_at DESC LIMIT 1
) n ON true
ORDER BY f.metric, f.subject_chain_id, a.symbol NULLS FIRST, f.subject_id
