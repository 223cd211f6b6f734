-- States of a model's versions. Parameters: $1 name. Result: id, state. Reads model_version whole: a few rows.
SELECT id, state FROM model_version WHERE name = $1
