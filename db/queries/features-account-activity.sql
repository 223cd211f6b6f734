-- An account's life in top-level transactions up to a block, added up: the rows behind the `account` feature group.
-- Parameters: $1 chain id, $2 account ids (text[]), $3 block B (nothing later is read), $4 cap on transactions.
-- Result: one row an account that has transactions; amounts in wei, times in seconds since the epoch.
-- Added up account by account, so that no sort spans them all.
-- Indexes: on the chain's partition of transaction, from_id and to_id, each with height.
SELECT a.account_id, life.*
FROM unnest($2::text[]) AS a (account_id)
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE sent)::int AS sent_count,
         count(*) FILTER (WHERE received)::int AS received_count,
         count(*) FILTER (WHERE created)::int AS created_count,
         count(DISTINCT t.from_id) FILTER (WHERE received)::int AS unique_senders,
         count(DISTINCT t.to_id) FILTER (WHERE sent)::int AS unique_recipients,
         coalesce(sum(t.value_wei) FILTER (WHERE sent), 0) AS sent_wei,
         coalesce(min(t.value_wei) FILTER (WHERE sent), 0) AS min_sent_wei,
         coalesce(max(t.value_wei) FILTER (WHERE sent), 0) AS max_sent_wei,
         coalesce(sum(t.value_wei) FILTER (WHERE received), 0) AS received_wei,
         coalesce(min(t.value_wei) FILTER (WHERE received), 0) AS min_received_wei,
         coalesce(max(t.value_wei) FILTER (WHERE received), 0) AS max_received_wei,
         extract(epoch FROM min(t."timestamp") FILTER (WHERE sent))::bigint AS first_sent_sec,
         extract(epoch FROM max(t."timestamp") FILTER (WHERE sent))::bigint AS last_sent_sec,
         extract(epoch FROM min(t."timestamp") FILTER (WHERE received))::bigint AS first_received_sec,
         extract(epoch FROM max(t."timestamp") FILTER (WHERE received))::bigint AS last_received_sec,
         extract(epoch FROM min(t."timestamp"))::bigint AS first_sec,
         extract(epoch FROM max(t."timestamp"))::bigint AS last_sec
  FROM (
    SELECT * FROM (
      (SELECT * FROM transaction
       WHERE chain_id = $1 AND from_id = a.account_id AND height <= $3 ORDER BY height, tx_index LIMIT $4)
      UNION ALL
      (SELECT * FROM transaction
       WHERE chain_id = $1 AND to_id = a.account_id AND from_id <> a.account_id AND height <= $3
       ORDER BY height, tx_index LIMIT $4)
    ) AS own
    ORDER BY height, tx_index
    LIMIT $4
  ) AS t
  CROSS JOIN LATERAL (
    SELECT t.from_id = a.account_id AND t.to_id IS NOT NULL AS sent,
           coalesce(t.to_id = a.account_id, false) AS received,
           t.from_id = a.account_id AND t.to_id IS NULL AS created
  ) AS direction
  HAVING count(*) > 0
) AS life
