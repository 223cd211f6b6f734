-- What an account holds in each market, with US dollars by the market price at the newest scoring round.
-- $1 account id. Columns: as in type AccountPosition of src/api/topics/account-risk.ts.
-- Indexes: primary keys of position, market, asset; market_price (asset_id).
SELECT e.market_id AS "marketId", s.symbol, coalesce(e.supplied_amount, 0)::text AS supplied,
       coalesce(e.borrowed_amount, 0)::text AS borrowed, s.decimals,
       (e.supplied_amount * p.answer / 10::numeric ^ (s.decimals + p.decimals))::float8 AS "suppliedUsd",
       (e.borrowed_amount * p.answer / 10::numeric ^ (s.decimals + p.decimals))::float8 AS "borrowedUsd",
       (p.confidence_bps / 1e4)::float8 AS "priceConfidence", p.source AS "priceSource",
       x.collateral_enabled AS "collateralEnabled"
FROM exposure e
JOIN position x ON x.account_id = e.account_id AND x.chain_id = e.chain_id AND x.market_id = e.market_id
LEFT JOIN asset s ON s.id = e.asset_id
LEFT JOIN market_price p ON p.asset_id = e.asset_id
WHERE e.account_id = $1::text
ORDER BY "borrowedUsd" DESC NULLS LAST, "suppliedUsd" DESC NULLS LAST, e.market_id
LIMIT 500
