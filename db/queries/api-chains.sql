-- Every chain, how far it has been indexed, and whether all its state is covered. No parameters.
-- Columns: chainId, name, headHeight, headTimestamp, finalizedHeight, lagSec, coverageComplete. Small tables;
-- incomplete positions are found by position_incomplete_idx.
SELECT c.chain_id AS "chainId", c.name, c.head_height::text AS "headHeight", c.head_timestamp AS "headTimestamp",
       c.finalized_height::text AS "finalizedHeight",
       greatest(0, extract(epoch FROM clock_timestamp() - c.head_timestamp))::float8 AS "lagSec",
       NOT EXISTS (SELECT FROM market m WHERE m.chain_id = c.chain_id AND NOT m.complete)
         AND NOT EXISTS (SELECT FROM position p WHERE p.chain_id = c.chain_id AND NOT p.complete)
         AS "coverageComplete"
FROM chain c
ORDER BY c.name
