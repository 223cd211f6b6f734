-- The newest alert of each key that has not been retracted: what a further candidate may update.
-- Parameters: $1 chain id, $2 unique keys (text[]).
-- Result: one jsonb column `alert`, the row by column names.
-- Index: alert_unique_key_idx (unique_key, status).
SELECT DISTINCT ON (a.unique_key) to_jsonb(a) AS alert
FROM alert a
WHERE a.unique_key = ANY ($2) AND a.chain_id = $1 AND a.status <> 'retracted'
ORDER BY a.unique_key, a.height DESC, a.id
