-- Rows written since a known batch, by chain.
-- $1 chain ids bigint[] · $2 last batch counted of each bigint[]. Chains not named are counted from their beginning.
-- Columns: chainId, seq (last batch), rows. Index: primary key of batch.
SELECT c.chain_id AS "chainId", b.seq, b.rows
FROM chain c
LEFT JOIN unnest($1::bigint[], $2::bigint[]) AS known (chain_id, seq) ON known.chain_id = c.chain_id
CROSS JOIN LATERAL (
  SELECT max(seq) AS seq, sum(row_count)::float8 AS rows FROM batch
  WHERE chain_id = c.chain_id AND seq > coalesce(known.seq, -1)
) b
WHERE b.seq IS NOT NULL
