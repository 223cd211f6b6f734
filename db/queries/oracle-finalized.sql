-- How far each indexed chain is final. No parameters. Result: chain_id, finalized_height, finalized_hash. Small table.
SELECT chain_id, finalized_height, finalized_hash FROM chain
