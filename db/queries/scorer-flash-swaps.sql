-- Verified swaps in the transactions of a range's verified flash loans, in block order.
-- Parameters: $1 chain id, $2 height before the range, $3 last height.
-- Index: flash_loan's and swap's primary keys (chain_id, height, …).
SELECT f.id, f.height::bigint, f.block_hash, extract(epoch FROM f."timestamp")::bigint AS timestamp_sec, f.tx_hash, f.log_index, f.sub_index,
       f.protocol, f.pool_id, f.recipient_id, f.amount0, f.amount1
FROM swap f
WHERE f.chain_id = $1 AND f.height > $2 AND f.height <= $3 AND f.verified
  AND (f.height, f.tx_hash) IN (
    SELECT l.height, l.tx_hash FROM flash_loan l
    WHERE l.chain_id = $1 AND l.height > $2 AND l.height <= $3 AND l.verified)
ORDER BY f.height, f.log_index, f.sub_index
