-- Lets one process at a time change the versions of a model; held until the transaction ends. Parameters: $1 name.
SELECT pg_advisory_xact_lock(hashtext('plimsoll_model:' || $1))
