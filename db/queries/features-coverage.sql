-- Where the unbroken run of indexed blocks that contains a block began. A block counts as seen when any protocol and
-- decoder version covers it: what all of them share, such as transactions, is stored with it. Runs of several rows join
-- where they overlap or touch.
-- Parameters: $1 chain id, $2 block height. Result: one row, from_height (null when the block is not covered).
-- Index: coverage's primary key (chain_id, protocol, …).
WITH span AS (
  SELECT from_height, to_height,
         max(to_height) OVER (
           ORDER BY from_height, to_height ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
         ) AS reached
  FROM coverage WHERE chain_id = $1 AND from_height <= $2
)
SELECT CASE WHEN max(to_height) >= $2
            THEN max(from_height) FILTER (WHERE reached IS NULL OR from_height > reached + 1)
       END::bigint AS from_height
FROM span
