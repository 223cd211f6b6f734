-- Figures for /metrics, one row each. No parameters. Columns: metric, labels (object), value.
-- Reads alert, quarantine_emitter and current scores whole (score_current_idx).
SELECT 'alerts' AS metric,
       jsonb_build_object('chain', coalesce(c.name, a.chain_id::text), 'severity', a.severity, 'status', a.status)
         AS labels,
       count(*)::float8 AS value
FROM alert a LEFT JOIN chain c ON c.chain_id = a.chain_id GROUP BY 2
UNION ALL
SELECT 'scores', jsonb_build_object('model', model_name), count(*)::float8 FROM score WHERE current GROUP BY model_name
UNION ALL
SELECT 'quarantined_logs', jsonb_build_object('chain', coalesce(c.name, q.chain_id::text), 'kept', k.kept),
       sum(CASE k.kept WHEN 'yes' THEN q.stored ELSE q.dropped END)::float8
FROM quarantine_emitter q CROSS JOIN (VALUES ('yes'), ('no')) AS k (kept) LEFT JOIN chain c ON c.chain_id = q.chain_id
GROUP BY 2
