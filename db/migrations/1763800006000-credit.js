/**
 * Positions are scored by `credit` instead of `liquidation`, whose scores are history from here on.
 */
module.exports = class Credit1763800006000 {
  name = 'Credit1763800006000'

  async up(db) {
    await db.query(`UPDATE score_row SET current = false WHERE current AND model_name = 'liquidation'`)
  }

  async down() {
    // Which of the old scores were current is not kept; the next round decides anew.
  }
}
