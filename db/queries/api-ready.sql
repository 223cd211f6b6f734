-- How many migrations were applied and how old each chain's newest block is, one row. No parameters.
-- Columns: migrations, chains ([{chainId, lagSec}]). Small tables.
SELECT (SELECT count(*)::int FROM migrations) AS migrations,
       coalesce((SELECT jsonb_agg(jsonb_build_object('chainId', chain_id,
         'lagSec', greatest(0, extract(epoch FROM clock_timestamp() - head_timestamp))::float8)) FROM chain), '[]') AS chains
