/**
 * Scores as compact rows, versions of models with their states and files, scores of shadow models, and drift.
 *
 * `score` becomes a view over `score_row`: a feature vector is a real[] instead of an object with its names, and reasons
 * are numbers of inputs with their contributions; names, units and directions come from the model's spec when somebody
 * looks. Writing a million scores then costs a quarter of what their JSON costs.
 */
const SCORE_COLUMNS = `id text NOT NULL, account_id text NOT NULL, chain_id bigint NOT NULL,
  subject_kind text NOT NULL, subject_id text NOT NULL, model_name text NOT NULL, model_version text NOT NULL,
  model_sha256 text NOT NULL, feature_hash text NOT NULL, features real[] NOT NULL, height bigint NOT NULL,
  block_hash text NOT NULL, "timestamp" timestamptz NOT NULL, as_of jsonb,
  value double precision NOT NULL, reason_inputs smallint[] NOT NULL, reason_parts real[] NOT NULL,
  reasons_method text NOT NULL, current boolean NOT NULL, credit_score integer, horizons double precision[],
  PRIMARY KEY (account_id, chain_id, subject_id, model_name, height)`

/** Old rows that were written before the switch; those of a model without a row cannot be read by name and go. */
const convert = `INSERT INTO score_row SELECT s.id, s.account_id, s.chain_id, s.subject_kind, s.subject_id,
    s.model_name, s.model_version, s.model_sha256, s.feature_hash,
    ARRAY(SELECT coalesce((s.features ->> (i.input ->> 'name'))::real, 'NaN'::real)
          FROM jsonb_array_elements(m.spec -> 'inputs') WITH ORDINALITY AS i (input, n) ORDER BY n),
    s.height, s.block_hash, s."timestamp", s.as_of, s.value, r.inputs, r.parts, s.reasons_method, s.current
  FROM score s JOIN model_version m ON m.id = s.model_name || ':' || s.model_sha256
  CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(i.n - 1 ORDER BY r.n), '{}')::smallint[] AS inputs,
           coalesce(array_agg((r.reason ->> 'contribution')::real ORDER BY r.n), '{}') AS parts
    FROM jsonb_array_elements(s.reasons) WITH ORDINALITY AS r (reason, n)
    JOIN jsonb_array_elements(m.spec -> 'inputs') WITH ORDINALITY AS i (input, n) ON i.input ->> 'name' = r.reason ->> 'feature'
  ) AS r`

const functions = [
  // Feature values by name. real → double keeps the digits that the float32 has.
  `CREATE FUNCTION plimsoll_score_features(inputs jsonb, features real[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
     SELECT coalesce(jsonb_object_agg(coalesce(inputs -> (n - 1)::int ->> 'name', (n - 1)::text),
       CASE WHEN value <> 'NaN' THEN value::float8 END), '{}')
     FROM unnest(features) WITH ORDINALITY AS f (value, n) $$`,
  `CREATE FUNCTION plimsoll_score_reasons(inputs jsonb, features real[], picks smallint[], parts real[]) RETURNS jsonb
   LANGUAGE sql IMMUTABLE AS $$
     SELECT coalesce(jsonb_agg(jsonb_build_object(
       'feature', coalesce(inputs -> pick::int ->> 'name', pick::text), 'unit', inputs -> pick::int -> 'unit',
       'value', CASE WHEN features[pick + 1] <> 'NaN' THEN features[pick + 1]::float8 END,
       'contribution', part::float8, 'direction', CASE WHEN part > 0 THEN 'raises' ELSE 'lowers' END) ORDER BY n), '[]')
     FROM unnest(picks, parts) WITH ORDINALITY AS r (pick, part, n) $$`,
]

const view = `CREATE VIEW score AS
  SELECT s.id, s.account_id, s.chain_id, s.subject_kind, s.subject_id, s.model_name, s.model_version, s.model_sha256,
         s.feature_hash, plimsoll_score_features(m.spec -> 'inputs', s.features) AS features, s.height, s.block_hash,
         s."timestamp", coalesce(s.as_of, jsonb_build_object(s.chain_id::text,
           jsonb_build_object('height', s.height, 'hash', s.block_hash))) AS as_of, s.value,
         plimsoll_score_reasons(m.spec -> 'inputs', s.features, s.reason_inputs, s.reason_parts) AS reasons,
         s.reasons_method, s.current, s.credit_score, CASE WHEN s.horizons IS NOT NULL THEN
           jsonb_build_object('p1d', s.horizons[1], 'p7d', s.horizons[2], 'p30d', s.horizons[3]) END AS horizons
  FROM score_row s LEFT JOIN model_version m ON m.id = s.model_name || ':' || s.model_sha256`

const scoreIndexes = [
  'CREATE INDEX score_id_idx ON score_row (id)',
  'CREATE INDEX score_current_idx ON score_row (model_name, value DESC) WHERE current',
  'CREATE INDEX score_height_idx ON score_row (chain_id, height)',
]

const registry = [
  // candidate | shadow | active | retired. `history`: [{at, state, by, why}], oldest first.
  `ALTER TABLE model_version ADD COLUMN state text NOT NULL DEFAULT 'retired',
     ADD COLUMN history jsonb NOT NULL DEFAULT '[]', ADD COLUMN manifest jsonb NOT NULL DEFAULT '{}',
     ADD COLUMN card text, ADD COLUMN golden jsonb NOT NULL DEFAULT '{}'`,
  `ALTER TABLE model_version ADD CONSTRAINT model_version_state
     CHECK (state IN ('candidate', 'shadow', 'active', 'retired'))`,
  `CREATE UNIQUE INDEX model_version_active_idx ON model_version (name) WHERE state = 'active'`,
  `CREATE UNIQUE INDEX model_version_shadow_idx ON model_version (name) WHERE state = 'shadow'`,
  // The bytes are here, and not in a folder: processes meet in the database, a rollback on any machine finds them, and a
  // version and its file cannot part.
  'CREATE TABLE model_file (sha256 text PRIMARY KEY, bytes bytea NOT NULL)',
  `CREATE TABLE shadow_score (id text NOT NULL, account_id text NOT NULL, chain_id bigint NOT NULL,
     subject_kind text NOT NULL, subject_id text NOT NULL, model_name text NOT NULL, height bigint NOT NULL,
     model_version text NOT NULL, model_sha256 text NOT NULL, active_sha256 text NOT NULL,
     "timestamp" timestamptz NOT NULL, value double precision NOT NULL, active_value double precision NOT NULL,
     difference double precision NOT NULL,
     PRIMARY KEY (account_id, chain_id, subject_id, model_name, model_sha256, height)) PARTITION BY LIST (chain_id)`,
  'CREATE INDEX shadow_score_id_idx ON shadow_score (id)',
  'CREATE INDEX shadow_score_model_idx ON shadow_score (model_name, model_sha256)',
  'CREATE INDEX shadow_score_height_idx ON shadow_score (chain_id, height)',
  `CREATE TABLE model_drift (id text PRIMARY KEY, model_name text NOT NULL, model_sha256 text NOT NULL,
     chain_id bigint NOT NULL, cohort text NOT NULL, feature text NOT NULL, psi double precision,
     ks double precision, missing_share double precision NOT NULL, rows integer NOT NULL,
     reference_rows integer NOT NULL, measured_at timestamptz NOT NULL)`,
  `CREATE TABLE model_calibration (id text PRIMARY KEY, model_name text NOT NULL, model_sha256 text NOT NULL,
     chain_id bigint NOT NULL, horizon_days integer NOT NULL, rows integer NOT NULL, positives integer NOT NULL,
     predicted double precision, observed double precision, calibration_error double precision, auc double precision,
     bins jsonb NOT NULL, measured_at timestamptz NOT NULL)`,
]

async function partitions(db, table) {
  await db.query(`INSERT INTO chain_partitioned_table VALUES ('${table}')`)
  await db.query(`DO $$ DECLARE c bigint; BEGIN
    FOR c IN SELECT DISTINCT substring(relname FROM '^block_([0-9]+)$')::bigint FROM pg_class
             WHERE relispartition AND relname ~ '^block_[0-9]+$' LOOP PERFORM plimsoll_add_chain(c); END LOOP; END $$`)
}

module.exports = class Trust1763800005000 {
  name = 'Trust1763800005000'

  async up(db) {
    for (const statement of registry) await db.query(statement)
    await partitions(db, 'shadow_score')
    await db.query(`CREATE TABLE score_row (${SCORE_COLUMNS}) PARTITION BY LIST (chain_id)`)
    await partitions(db, 'score_row')
    await db.query(convert)
    await db.query('DROP TABLE score')
    await db.query(`DELETE FROM chain_partitioned_table WHERE name = 'score'`)
    for (const statement of [...scoreIndexes, ...functions, view]) await db.query(statement)
  }

  async down() {
    throw new Error('compact scores are not turned back; restore the database from before')
  }
}
