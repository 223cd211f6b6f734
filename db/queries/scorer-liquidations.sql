-- Verified liquidations of a range of blocks, in block order.
-- Parameters: $1 chain id, $2 height before the range, $3 last height.
-- Index: lending_event's primary key (chain_id, height, …).
SELECT f.id, f.height::bigint, f.block_hash, extract(epoch FROM f."timestamp")::bigint AS timestamp_sec, f.tx_hash, f.log_index, f.sub_index,
       f.protocol, f.account_id, f.initiator_id, f.market_id, f.asset_id, f.amount, f.collateral_asset_id,
       f.collateral_amount
FROM lending_event f
WHERE f.chain_id = $1 AND f.height > $2 AND f.height <= $3 AND f.verified AND f.kind = 'liquidation'
ORDER BY f.height, f.log_index, f.sub_index
