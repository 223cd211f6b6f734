/**
 * Scores of `credit` carry more than their value: the score from 300 to 850, and the probabilities by horizon. Positions
 * are scored by it instead of `liquidation`, whose scores are history from here on.
 */
module.exports = class Credit1763800006000 {
  name = 'Credit1763800006000'

  async up(db) {
    await db.query('ALTER TABLE score ADD COLUMN credit_score integer, ADD COLUMN horizons jsonb')
    await db.query(`UPDATE score SET current = false WHERE current AND model_name = 'liquidation'`)
  }

  async down(db) {
    await db.query('ALTER TABLE score DROP COLUMN credit_score, DROP COLUMN horizons')
  }
}
