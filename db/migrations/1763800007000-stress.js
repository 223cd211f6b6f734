/**
 * Stress runs as they happen: what was asked, since when, with what end, and whether a reorg has orphaned a block that the
 * run stands on. A run that is under way or failed has no result.
 */
module.exports = class Stress1763800007000 {
  name = 'Stress1763800007000'

  async up(db) {
    await db.query(`ALTER TABLE stress_run ALTER COLUMN result DROP NOT NULL,
      ADD COLUMN request jsonb NOT NULL DEFAULT '{}', ADD COLUMN error text, ADD COLUMN started_by text,
      ADD COLUMN finished_at timestamptz, ADD COLUMN elapsed_ms integer, ADD COLUMN orphaned_at timestamptz`)
    await db.query('CREATE INDEX stress_run_created_idx ON stress_run (created_at DESC)')
  }

  async down(db) {
    await db.query('DROP INDEX stress_run_created_idx')
    await db.query(`DELETE FROM stress_run WHERE result IS NULL`)
    await db.query(`ALTER TABLE stress_run ALTER COLUMN result SET NOT NULL, DROP COLUMN request, DROP COLUMN error,
      DROP COLUMN started_by, DROP COLUMN finished_at, DROP COLUMN elapsed_ms, DROP COLUMN orphaned_at`)
  }
}
