-- Keeps a signed transaction before it is sent. Parameters: $1 chain id, $2 sender, $3 nonce, $4 hash, $5 raw,
--   $6 report ids (jsonb). No result. Index: oracle_transaction_nonce_idx refuses a second one with the same nonce.
INSERT INTO oracle_transaction (chain_id, sender, nonce, tx_hash, raw, report_ids, status)
VALUES ($1, $2, $3, $4, $5, $6, 'pending')
