/**
 * A score's features as the bytes that its hash is made of, float32 numbers, little endian, instead of a real[]: an array's
 * elements are received one by one, which was a tenth of what the server does for a row.
 */
const functions = [
  // The numbers of a vector, each out of its bits. All factors are exact in double precision, so nothing rounds. OFFSET 0
  // keeps the bits of a number from being put together anew wherever they are named.
  `CREATE FUNCTION plimsoll_vector(bytes bytea) RETURNS real[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
     SELECT ARRAY(
       SELECT (sign * CASE
           WHEN exponent = 255 THEN CASE WHEN fraction = 0 THEN 'Infinity'::float8 ELSE 'NaN' END
           WHEN exponent = 0 THEN fraction * power(2::float8, -149)
           ELSE (fraction + 8388608) * power(2::float8, exponent - 150) END)::real
       FROM (SELECT at, CASE WHEN get_byte(bytes, at + 3) < 128 THEN 1 ELSE -1 END AS sign,
                    ((get_byte(bytes, at + 3) & 127) << 1) | (get_byte(bytes, at + 2) >> 7) AS exponent,
                    ((get_byte(bytes, at + 2) & 127) << 16) | (get_byte(bytes, at + 1) << 8) | get_byte(bytes, at)
                      AS fraction
             FROM generate_series(0, length(bytes) - 4, 4) AS at OFFSET 0) AS bits
       ORDER BY at) $$`,
  // The other way, every NaN the canonical one.
  `CREATE FUNCTION plimsoll_vector_bytes(numbers real[]) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
     SELECT coalesce(string_agg(substr(b, 4, 1) || substr(b, 3, 1) || substr(b, 2, 1) || substr(b, 1, 1), ''::bytea ORDER BY n), '')
     FROM (SELECT n, CASE WHEN number = 'NaN' THEN '\\x7fc00000'::bytea ELSE float4send(number) END AS b
           FROM unnest(numbers) WITH ORDINALITY AS f (number, n)) AS big_endian $$`,
]

const view = (features) => `CREATE VIEW score AS
  SELECT s.id, s.account_id, s.chain_id, s.subject_kind, s.subject_id, s.model_name, s.model_version, s.model_sha256,
         s.feature_hash, plimsoll_score_features(m.spec -> 'inputs', ${features}) AS features, s.height, s.block_hash,
         s."timestamp", coalesce(s.as_of, jsonb_build_object(s.chain_id::text,
           jsonb_build_object('height', s.height, 'hash', s.block_hash))) AS as_of, s.value,
         plimsoll_score_reasons(m.spec -> 'inputs', ${features}, s.reason_inputs, s.reason_parts) AS reasons,
         s.reasons_method, s.current, s.credit_score, CASE WHEN s.horizons IS NOT NULL THEN
           jsonb_build_object('p1d', s.horizons[1], 'p7d', s.horizons[2], 'p30d', s.horizons[3]) END AS horizons
  FROM score_row s LEFT JOIN model_version m ON m.id = s.model_name || ':' || s.model_sha256`

module.exports = class ScoreBytes1763800008000 {
  name = 'ScoreBytes1763800008000'

  async up(db) {
    for (const statement of functions) await db.query(statement)
    await db.query('DROP VIEW score')
    await db.query(
      'ALTER TABLE score_row ALTER COLUMN features TYPE bytea USING plimsoll_vector_bytes(features)',
    )
    await db.query(view('plimsoll_vector(s.features)'))
  }

  async down(db) {
    await db.query('DROP VIEW score')
    await db.query('ALTER TABLE score_row ALTER COLUMN features TYPE real[] USING plimsoll_vector(features)')
    await db.query(view('s.features'))
    await db.query('DROP FUNCTION plimsoll_vector(bytea)')
    await db.query('DROP FUNCTION plimsoll_vector_bytes(real[])')
  }
}
