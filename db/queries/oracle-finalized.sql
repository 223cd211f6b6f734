-- How far each indexed chain is final. No parameters. Result: chain_id, finalized_height. Small table.
SELECT chain_id, finalized_height FROM chain
