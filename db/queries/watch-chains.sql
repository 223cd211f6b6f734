-- Chains. No parameters. Result: chain_id, name. Reads chain whole: a few rows.
SELECT chain_id, name FROM chain ORDER BY chain_id
