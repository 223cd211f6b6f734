-- Chains that are stored, and how far. Parameters: none. Result: name, head_height, finalized_height; by name.
-- Index: none; the table has a row a chain.
SELECT name, head_height::bigint, finalized_height::bigint FROM chain ORDER BY name
