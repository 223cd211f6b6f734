-- Verified token transfers in transactions that the owner did not send, by a spender the owner had approved: the
-- sender itself or the contract it called. Transfers to the called contract are its ordinary business and left out.
-- Parameters: $1 chain id, $2 height before the range, $3 last height.
-- Index: primary keys of token_transfer and transaction (chain_id, height, …) or transaction's hash; token_approval's
-- owner_id, asset_id, spender_id. Two EXISTS with OR stay look-ups of one approval each: as a join, the planner may read
-- all approvals of a router. `+ 0` keeps the indexes on spender or owner with height from looking as narrow.
SELECT f.id, f.height::bigint, f.block_hash, extract(epoch FROM f."timestamp")::bigint AS timestamp_sec, f.tx_hash, f.log_index, f.sub_index,
       f.asset_id, f.from_id, f.to_id, f.amount, t.from_id AS sender_id
FROM token_transfer f
JOIN transaction t ON t.chain_id = $1 AND t.height > $2 AND t.height <= $3 AND t.height = f.height AND t.hash = f.tx_hash
WHERE f.chain_id = $1 AND f.height > $2 AND f.height <= $3 AND f.verified AND f.standard = 'erc20'
  AND f.amount > 0 AND t.from_id <> f.from_id AND f.to_id IS DISTINCT FROM t.to_id
  AND (
    EXISTS (
      SELECT 1 FROM token_approval a
      WHERE a.chain_id = $1 AND a.owner_id = f.from_id AND a.asset_id = f.asset_id AND a.spender_id = t.from_id
        AND a.height + 0 <= f.height)
    OR EXISTS (
      SELECT 1 FROM token_approval a
      WHERE a.chain_id = $1 AND a.owner_id = f.from_id AND a.asset_id = f.asset_id AND a.spender_id = t.to_id
        AND a.height + 0 <= f.height))
ORDER BY f.height, f.log_index, f.sub_index
