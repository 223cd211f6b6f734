-- Transactions of a sender whose fate is not final: pending (no receipt yet) or mined (receipt, block not final).
-- Parameters: $1 chain id, $2 sender. Result: id, nonce, tx_hash, raw, report_ids, status; by nonce.
-- Index: oracle_transaction_open_idx.
SELECT id, nonce, tx_hash, raw, report_ids, status FROM oracle_transaction
WHERE chain_id = $1 AND sender = $2 AND status IN ('pending', 'mined') ORDER BY nonce
