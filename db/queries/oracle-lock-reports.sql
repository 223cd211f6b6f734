-- Locks reports that may still be answered until the end of the transaction, so that none can be dropped meanwhile.
-- Signers do not hinder one another. Parameters: $1 ids (text[]), $2 digest they must carry.
-- Result: id of each that is still proposed or signed. Index: primary key or oracle_report_live_idx.
SELECT id FROM oracle_report WHERE id = ANY ($1) AND digest = $2 AND status IN ('proposed', 'signed')
ORDER BY id FOR SHARE
