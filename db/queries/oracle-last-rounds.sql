-- The highest round number ever proposed for each feed of a contract, dropped ones included.
-- Parameters: $1 contract's chain id, $2 contract. Result: feed_id (bytes32), round. Index: oracle_report_round_idx.
SELECT f.feed_id, (SELECT max(r.round) FROM oracle_report r WHERE r.feed_id = f.id) AS round
FROM oracle_feed f WHERE f.chain_id = $1 AND f.contract = $2
