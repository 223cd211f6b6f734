-- The newest confirmed report of the oracle. No parameters; at most one row.
-- Columns: subject_id, metric, round, value, decimals, created_at, tx_hash, pending (reports on their way).
SELECT f.subject_id, f.metric, r.round, r.value, f.decimals, r.created_at, r.tx_hash,
       (SELECT count(*) FROM oracle_report p WHERE p.status IN ('proposed', 'signed', 'sent')) AS pending
  FROM oracle_report r
  JOIN oracle_feed f ON f.id = r.feed_id
 WHERE r.status = 'confirmed'
 ORDER BY r.created_at DESC
 LIMIT 1
