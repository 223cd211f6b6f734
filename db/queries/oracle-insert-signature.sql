-- Records a signer's answer to a report: a signature, or a refusal with its reason. A report's id is its feed and
-- round, so this key is what keeps a signer from signing two values for one (feed, round).
-- Parameters: $1 report id, $2 signer (lower-case address), $3 signature or null, $4 refusal or null.
-- Result: one row when it was recorded, none when the signer had answered before. Index: unique (report_id, signer).
INSERT INTO oracle_signature (id, report_id, signer, signature, refusal)
VALUES ($1 || ':' || $2, $1, $2, $3, $4)
ON CONFLICT (report_id, signer) DO NOTHING
RETURNING id
