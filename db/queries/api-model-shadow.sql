-- How far a shadow version of a model stands from the active one over the scores both gave, one row or none.
-- $1 model name. Columns: as in src/api/topics/models.ts. Index: shadow_score_model_idx.
SELECT m.name AS "modelName", m.version, m.sha256, s.rows, s."meanDifference", s."meanAbsDifference", s."maxAbsDifference",
       s."p95AbsDifference", s.correlation, s."crossed"
FROM model_version m CROSS JOIN LATERAL (
  SELECT count(*)::int AS rows, avg(difference) AS "meanDifference", avg(abs(difference)) AS "meanAbsDifference",
         max(abs(difference)) AS "maxAbsDifference",
         percentile_cont(0.95) WITHIN GROUP (ORDER BY abs(difference)) AS "p95AbsDifference",
         CASE WHEN min(value) < max(value) AND min(active_value) < max(active_value) THEN corr(value, active_value) END
           AS correlation,
         count(*) FILTER (WHERE (value >= 0.5) <> (active_value >= 0.5))::int AS "crossed"
  FROM shadow_score WHERE model_name = m.name AND model_sha256 = m.sha256
) AS s
WHERE m.name = $1 AND m.state = 'shadow'
