-- Rows written since a known batch, by chain.
-- $1 chain ids bigint[] · $2 last batch counted of each bigint[]. Chains not named are counted from their beginning.
-- Columns: chainId, seq (last batch), rows. Index: primary key of batch.
SELECT b.chain_id AS "chainId", max(b.seq) AS seq, sum(b.row_count)::float8 AS rows
FROM chain c
LEFT JOIN unnest($1::bigint[], $2::bigint[]) AS known (chain_id, seq) ON known.chain_id = c.chain_id
JOIN batch b ON b.chain_id = c.chain_id AND b.seq > coalesce(known.seq, -1)
GROUP BY b.chain_id
