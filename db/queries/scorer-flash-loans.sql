-- Verified flash loans of a range of blocks, in block order.
-- Parameters: $1 chain id, $2 height before the range, $3 last height.
-- Index: flash_loan's primary key (chain_id, height, …).
SELECT f.id, f.height::bigint, f.block_hash, extract(epoch FROM f."timestamp")::bigint AS timestamp_sec, f.tx_hash, f.log_index, f.sub_index,
       f.protocol, f.initiator_id, f.receiver_id, f.asset_id, f.amount
FROM flash_loan f
WHERE f.chain_id = $1 AND f.height > $2 AND f.height <= $3 AND f.verified
ORDER BY f.height, f.log_index, f.sub_index
