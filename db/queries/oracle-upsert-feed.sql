-- Records a feed as the contract has it; rails and allow-list may have changed since.
-- Parameters: $1 id, $2 chain id of the contract, $3 contract, $4 feed id (bytes32), $5 subject id, $6 metric,
--   $7 subject's chain id, $8 proxy address, $9 config (jsonb). No result. Index: primary key.
INSERT INTO oracle_feed AS f
  (id, chain_id, contract, feed_id, subject_id, metric, subject_chain_id, feed_address, decimals, config)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 8, $9)
ON CONFLICT (id) DO UPDATE SET config = excluded.config, feed_address = excluded.feed_address
WHERE f.config IS DISTINCT FROM excluded.config OR f.feed_address IS DISTINCT FROM excluded.feed_address
