-- Where indexing of a chain began, over every protocol and decoder version.
-- Parameters: $1 chain id. Result: from_height (null when nothing is covered).
-- Index: coverage's primary key (chain_id, protocol, …).
SELECT min(from_height)::bigint AS from_height FROM coverage WHERE chain_id = $1
