-- Whether a model has current scores on a chain: none to supersede in its first round.
-- Parameters: $1 chain id, $2 model name. Result: one row or none.
-- Index: score_current_idx (model_name, …).
SELECT 1 AS found FROM score_row WHERE chain_id = $1 AND model_name = $2 AND current LIMIT 1
