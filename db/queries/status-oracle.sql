-- The newest confirmed report of the oracle. No parameters; at most one row.
-- Columns: subject_id, metric, round, value, decimals, created_at, tx_hash, pending (reports on their way).
-- Indexes: oracle_report_recent_idx (the newest of each feed), oracle_report_live_idx.
SELECT f.subject_id, f.metric, r.round, r.value, f.decimals, r.created_at, r.tx_hash,
       (SELECT count(*) FROM oracle_report p WHERE p.status IN ('proposed', 'signed', 'sent')) AS pending
  FROM oracle_feed f
 CROSS JOIN LATERAL (
       SELECT round, value, created_at, tx_hash FROM oracle_report
        WHERE feed_id = f.id AND status = 'confirmed'
        ORDER BY created_at DESC
        LIMIT 1) r
 ORDER BY r.created_at DESC
 LIMIT 1
