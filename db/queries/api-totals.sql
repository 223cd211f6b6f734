-- Totals of the first page, one row. No parameters. At risk: health factor below 1.1; liquidatable: below 1,
-- with collateral left to seize.
-- Columns: as in type Totals of src/api/topics/overview.ts; US dollars. Reads position_health whole; counts by
-- score_current_idx and alert_unique_key_idx.
SELECT h.*, a."openAlerts", s.scores
FROM (
  SELECT count(*) FILTER (WHERE debt_base > 0)::int AS positions,
         count(*) FILTER (WHERE health_factor_wad < 1.1e18)::int AS "atRisk",
         count(*) FILTER (WHERE health_factor_wad < 1e18 AND collateral_base > 0)::int AS liquidatable,
         coalesce(sum(debt_base) / 1e8, 0)::float8 AS "debtUsd",
         coalesce(sum(debt_base) FILTER (WHERE health_factor_wad < 1.1e18) / 1e8, 0)::float8 AS "debtAtRiskUsd",
         coalesce(sum(bad_debt_base) / 1e8, 0)::float8 AS "badDebtUsd"
  FROM position_health
) h,
(SELECT count(*)::int AS "openAlerts" FROM alert WHERE status <> 'retracted') a,
(SELECT count(*)::int AS scores FROM score WHERE current) s
