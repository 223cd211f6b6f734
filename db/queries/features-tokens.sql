-- What accounts do with tokens up to a block, added up.
-- Parameters: $1 chain id, $2 account ids (text[]), $3 block B (nothing later is read), $4 ids of the contracts that the chain
--   file lists (text[]), $5 id of the zero address.
-- Result: one row an account that has a transfer or an approval: in_count, out_count, self_count, nft_count, zero_count,
--   mint_count, unverified_in_count, tokens, top_token, gaps, gap_sum, gap_squares (seconds between successive transfers in or
--   out), span_sec, open_approvals, open_unlisted, open_unlimited.
-- Indexes: on the chain's partitions, token_transfer's from_id and to_id and token_approval's owner_id, each with height.
SELECT a.id AS account_id, t.*, k.tokens, k.top_token, g.gaps, g.gap_sum, g.gap_squares, g.span_sec, v.*
FROM unnest($2::text[]) AS a (id)
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE counts AND from_id <> to_id AND to_id = a.id)::bigint AS in_count,
         count(*) FILTER (WHERE counts AND from_id <> to_id AND from_id = a.id)::bigint AS out_count,
         count(*) FILTER (WHERE counts AND from_id = to_id)::bigint AS self_count,
         count(*) FILTER (WHERE verified AND standard <> 'erc20')::bigint AS nft_count,
         count(*) FILTER (WHERE verified AND standard = 'erc20' AND amount = 0)::bigint AS zero_count,
         count(*) FILTER (WHERE counts AND from_id = $5 AND to_id = a.id)::bigint AS mint_count,
         count(*) FILTER (WHERE NOT verified AND to_id = a.id AND from_id <> a.id)::bigint AS unverified_in_count,
         count(*)::bigint AS all_count
  FROM (
    SELECT *, verified AND standard = 'erc20' AND amount > 0 AS counts FROM token_transfer
    WHERE chain_id = $1 AND to_id = a.id AND height <= $3
    UNION ALL
    SELECT *, verified AND standard = 'erc20' AND amount > 0 FROM token_transfer
    WHERE chain_id = $1 AND from_id = a.id AND to_id <> a.id AND height <= $3
  ) AS own
) AS t
CROSS JOIN LATERAL (
  SELECT count(*)::bigint AS tokens, max(n)::bigint AS top_token
  FROM (
    SELECT asset_id, count(*) AS n FROM (
      SELECT asset_id FROM token_transfer
      WHERE chain_id = $1 AND to_id = a.id AND height <= $3 AND verified AND standard = 'erc20' AND amount > 0
      UNION ALL
      SELECT asset_id FROM token_transfer
      WHERE chain_id = $1 AND from_id = a.id AND to_id <> a.id AND height <= $3
        AND verified AND standard = 'erc20' AND amount > 0
    ) AS moved
    GROUP BY asset_id
  ) AS by_token
) AS k
CROSS JOIN LATERAL (
  SELECT count(gap)::bigint AS gaps, coalesce(sum(gap), 0)::bigint AS gap_sum,
         coalesce(sum(gap * gap), 0) AS gap_squares,
         coalesce(max(at_sec) - min(at_sec), 0)::bigint AS span_sec
  FROM (
    SELECT at_sec, at_sec - lag(at_sec) OVER (ORDER BY at_sec) AS gap
    FROM (
      SELECT extract(epoch FROM "timestamp")::numeric AS at_sec FROM token_transfer
      WHERE chain_id = $1 AND to_id = a.id AND height <= $3 AND verified AND standard = 'erc20' AND amount > 0
      UNION ALL
      SELECT extract(epoch FROM "timestamp")::numeric FROM token_transfer
      WHERE chain_id = $1 AND from_id = a.id AND to_id <> a.id AND height <= $3
        AND verified AND standard = 'erc20' AND amount > 0
    ) AS times
  ) AS steps
) AS g
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE amount > 0)::bigint AS open_approvals,
         count(*) FILTER (WHERE amount > 0 AND spender_id <> ALL ($4::text[]))::bigint AS open_unlisted,
         count(*) FILTER (WHERE spender_id <> ALL ($4::text[])
           AND (standard = 'all' AND amount > 0 OR amount >= 2::numeric ^ 159))::bigint AS open_unlimited,
         count(*)::bigint AS approvals
  FROM (
    SELECT DISTINCT ON (asset_id, spender_id, standard) spender_id, standard, amount
    FROM token_approval
    WHERE chain_id = $1 AND owner_id = a.id AND height <= $3 AND verified AND standard IN ('erc20', 'all', 'permit2')
    ORDER BY asset_id, spender_id, standard, height DESC, log_index DESC, sub_index DESC
  ) AS newest
) AS v
WHERE t.all_count + v.approvals > 0
