-- Records a signer's answer to a report: a signature, or a refusal with its reason. The id of a signature is made of
-- feed, round and signer, not of the report: so the primary key keeps a signer from signing two values for one
-- (feed, round), however many reports there were for it.
-- Parameters: $1 id, $2 report id, $3 signer (lower-case address), $4 signature or null, $5 refusal or null.
-- Result: one row when it was recorded, none when the signer had answered before.
-- Index: primary key, unique (report_id, signer).
INSERT INTO oracle_signature (id, report_id, signer, signature, refusal)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
RETURNING id
