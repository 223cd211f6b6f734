-- Signatures and refusals of reports. Parameters: $1 report ids (text[]).
-- Result: report_id, signer, signature, refusal. Index: unique (report_id, signer).
SELECT report_id, signer, signature, refusal FROM oracle_signature WHERE report_id = ANY ($1) ORDER BY signer
