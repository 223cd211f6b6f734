-- The last market price of each UTC day from each source, of the versions that began in a range of blocks.
-- Parameters: $1 chain id, $2 first block, $3 last block.
-- Result: asset_id, source, answer, decimals, updated_at_sec (the source's own time), by asset, source and day.
-- Index: price_version's primary key (chain_id, price_id, valid_from_block).
SELECT DISTINCT ON (p.asset_id, p.source, d.day) p.asset_id, p.source, v.answer, v.decimals, d.updated_at_sec
FROM price p
JOIN price_version v ON v.chain_id = $1 AND v.price_id = p.id AND v.valid_from_block BETWEEN $2 AND $3
CROSS JOIN LATERAL (SELECT extract(epoch FROM v.updated_at)::bigint AS updated_at_sec,
                           extract(epoch FROM v.updated_at)::bigint / 86400 AS day) AS d
WHERE p.chain_id = $1 AND p.kind = 'market'
ORDER BY p.asset_id, p.source, d.day, v.valid_from_block DESC
