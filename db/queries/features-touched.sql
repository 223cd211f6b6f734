-- Accounts that took part in a transaction, a token transfer or an approval in a range of blocks: whose features of those
-- may have changed.
-- Parameters: $1 chain id, $2 block after which the range begins, $3 last block. Result: account_id, ascending.
-- Indexes: primary keys of transaction, token_transfer and token_approval (chain_id, height, …).
SELECT account_id FROM (
  SELECT from_id AS account_id FROM transaction WHERE chain_id = $1 AND height > $2 AND height <= $3
  UNION
  SELECT to_id FROM transaction WHERE chain_id = $1 AND height > $2 AND height <= $3
  UNION
  SELECT from_id FROM token_transfer WHERE chain_id = $1 AND height > $2 AND height <= $3
  UNION
  SELECT to_id FROM token_transfer WHERE chain_id = $1 AND height > $2 AND height <= $3
  UNION
  SELECT owner_id FROM token_approval WHERE chain_id = $1 AND height > $2 AND height <= $3
) AS parties
WHERE account_id IS NOT NULL
ORDER BY account_id
