-- With whom accounts exchange value up to a block: native-coin transactions that did not fail, and transfers of verified
-- fungible tokens; neither nothing, nor to oneself, nor mints and burns.
-- Parameters: $1 chain id, $2 account ids (text[]), $3 block B (nothing later is read), $4 flagged ids (text[]), $5 mixers'
--   ids, $6 sanctioned ids, $7 id of the zero address.
-- Result: one row an account and direction ('in' | 'out'): transfers, uniq (counterparties), squares (Σ n²), top (max n), wei
--   (native), flagged_transfers, flagged_wei, and of 'in' mixer_hops and sanctioned_hops (1 direct, 2 by one account
--   between that had been paid before, 3 neither).
-- Indexes: on the chain's partitions of transaction and token_transfer, from_id and to_id, each with height.
WITH movement AS (
  SELECT a.id AS account_id, m.*
  FROM unnest($2::text[]) AS a (id)
  CROSS JOIN LATERAL (
    SELECT 'in' AS direction, from_id AS other_id, height, value_wei AS wei FROM transaction
    WHERE chain_id = $1 AND to_id = a.id AND height <= $3 AND status IS DISTINCT FROM 0 AND value_wei > 0
    UNION ALL
    SELECT 'out', to_id, height, value_wei FROM transaction
    WHERE chain_id = $1 AND from_id = a.id AND height <= $3 AND status IS DISTINCT FROM 0 AND value_wei > 0
    UNION ALL
    SELECT 'in', from_id, height, 0 FROM token_transfer
    WHERE chain_id = $1 AND to_id = a.id AND height <= $3 AND verified AND standard = 'erc20' AND amount > 0
    UNION ALL
    SELECT 'out', to_id, height, 0 FROM token_transfer
    WHERE chain_id = $1 AND from_id = a.id AND height <= $3 AND verified AND standard = 'erc20' AND amount > 0
  ) AS m
  WHERE m.other_id <> a.id AND m.other_id <> $7
),
pair AS (
  SELECT account_id, direction, other_id, count(*) AS n, sum(wei) AS wei, max(height) AS last_height
  FROM movement GROUP BY account_id, direction, other_id
),
label AS (
  SELECT DISTINCT 'mixer' AS kind, id FROM unnest($5::text[]) AS l (id)
  UNION ALL
  SELECT DISTINCT 'sanctioned', id FROM unnest($6::text[]) AS l (id)
),
paid AS MATERIALIZED (
  SELECT l.kind, m.to_id AS id, min(m.height) AS height
  FROM label l
  CROSS JOIN LATERAL (
    SELECT to_id, height FROM transaction
    WHERE chain_id = $1 AND from_id = l.id AND to_id IS NOT NULL AND height <= $3
      AND status IS DISTINCT FROM 0 AND value_wei > 0
    UNION ALL
    SELECT to_id, height FROM token_transfer
    WHERE chain_id = $1 AND from_id = l.id AND height <= $3 AND verified AND standard = 'erc20' AND amount > 0
  ) AS m
  WHERE m.to_id <> $7
  GROUP BY l.kind, m.to_id
)
SELECT p.account_id, p.direction, sum(p.n)::bigint AS transfers, count(*)::bigint AS uniq,
       sum(p.n * p.n)::bigint AS squares, max(p.n)::bigint AS top, sum(p.wei) AS wei,
       coalesce(sum(p.n) FILTER (WHERE f.id IS NOT NULL), 0)::bigint AS flagged_transfers,
       coalesce(sum(p.wei) FILTER (WHERE f.id IS NOT NULL), 0) AS flagged_wei,
       min(CASE WHEN m1.id IS NOT NULL THEN 1 WHEN m2.height <= p.last_height THEN 2 ELSE 3 END)::int AS mixer_hops,
       min(CASE WHEN s1.id IS NOT NULL THEN 1 WHEN s2.height <= p.last_height THEN 2 ELSE 3 END)::int AS sanctioned_hops
FROM pair p
LEFT JOIN (SELECT DISTINCT id FROM unnest($4::text[]) AS l (id)) AS f ON f.id = p.other_id
LEFT JOIN label m1 ON m1.kind = 'mixer' AND m1.id = p.other_id
LEFT JOIN label s1 ON s1.kind = 'sanctioned' AND s1.id = p.other_id
LEFT JOIN paid m2 ON m2.kind = 'mixer' AND m2.id = p.other_id
LEFT JOIN paid s2 ON s2.kind = 'sanctioned' AND s2.id = p.other_id
GROUP BY p.account_id, p.direction
