-- Forgets what was measured of a model on a chain. Parameters: $1 id. Index: model_calibration's primary key.
DELETE FROM model_calibration WHERE id = $1
