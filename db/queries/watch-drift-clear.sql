-- Forgets what was measured of a model on a chain. Parameters: $1 model name, $2 chain id. Reads model_drift whole: few rows.
DELETE FROM model_drift WHERE model_name = $1 AND chain_id = $2
