-- Positions with debt by health factor, for a histogram. No parameters.
-- Columns: label, lower, upper (null: no bound), positions, debtUsd (US dollars). Index: position_health_factor_idx, once a bucket.
SELECT b.label, b.lower, b.upper, count(h.id)::int AS positions,
       coalesce(sum(h.debt_base) / 1e8, 0)::float8 AS "debtUsd"
FROM (VALUES
  (1, '< 1', NULL::float8, 1::float8),
  (2, '1 – 1.1', 1, 1.1),
  (3, '1.1 – 1.25', 1.1, 1.25),
  (4, '1.25 – 1.5', 1.25, 1.5),
  (5, '1.5 – 2', 1.5, 2),
  (6, '2 – 3', 2, 3),
  (7, '≥ 3', 3, NULL)
) AS b (ordinal, label, lower, upper)
LEFT JOIN position_health h
  ON h.health_factor_wad >= coalesce(b.lower, 0)::numeric * 1e18
 AND h.health_factor_wad < coalesce(b.upper::numeric * 1e18, 'Infinity')
GROUP BY b.ordinal, b.label, b.lower, b.upper
ORDER BY b.ordinal
