-- Figures for /metrics, one row each. No parameters. Columns: metric, labels (object), value.
-- Reads alert, quarantine_emitter, model_drift, model_calibration and current scores whole (score_current_idx).
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
UNION ALL
SELECT 'model_drift', jsonb_build_object('model', d.model_name, 'chain', coalesce(c.name, d.chain_id::text), 'cohort', d.cohort,
         'feature', d.feature, 'measure', m.measure), m.value
FROM model_drift d LEFT JOIN chain c ON c.chain_id = d.chain_id
CROSS JOIN LATERAL (VALUES ('psi', d.psi), ('ks', d.ks), ('missing', d.missing_share)) AS m (measure, value)
WHERE m.value IS NOT NULL
UNION ALL
SELECT 'model_calibration_error', jsonb_build_object('model', d.model_name, 'chain', coalesce(c.name, d.chain_id::text)),
       d.calibration_error
FROM model_calibration d LEFT JOIN chain c ON c.chain_id = d.chain_id WHERE d.calibration_error IS NOT NULL
UNION ALL
SELECT 'model_matured_scores', jsonb_build_object('model', d.model_name, 'chain', coalesce(c.name, d.chain_id::text),
         'outcome', o.outcome), o.value
FROM model_calibration d LEFT JOIN chain c ON c.chain_id = d.chain_id
CROSS JOIN LATERAL (VALUES ('positive', d.positives::float8), ('negative', (d.rows - d.positives)::float8)) AS o (outcome, value)
