-- Symbols and decimals of the assets that somebody vouches for.
-- Parameters: $1 chain id. Result: id, symbol, decimals. Index: asset_verified_idx.
SELECT id, symbol, decimals FROM asset WHERE chain_id = $1 AND verified
