/** Crises that can be replayed: the stretches of days that their spans are taken from. */

export interface Replay {
  about: string
  /** The factor whose worst day is the middle of the replay. */
  worstOf: string
  fromSec: number
  toSec: number
}

const utc = (year: number, month: number, day: number) => Date.UTC(year, month - 1, day) / 1000

export const REPLAYS: Readonly<Record<string, Replay>> = {
  'replay-2020-03': {
    about: 'the fall of 12 March 2020, when ether lost almost half of its price within a day',
    worstOf: 'ETH',
    fromSec: utc(2020, 3, 8),
    toSec: utc(2020, 3, 16),
  },
  'replay-2021-05': {
    about: 'the fall of 19 May 2021, by a third within a day',
    worstOf: 'ETH',
    fromSec: utc(2021, 5, 16),
    toSec: utc(2021, 5, 24),
  },
  'replay-2022-06': {
    about: 'the week of June 2022 in which lenders stopped withdrawals, slow and deep',
    worstOf: 'ETH',
    fromSec: utc(2022, 6, 10),
    toSec: utc(2022, 6, 18),
  },
  'replay-2023-03': {
    about: 'the weekend of March 2023 on which USDC lost its peg and came back',
    worstOf: 'USDC',
    fromSec: utc(2023, 3, 9),
    toSec: utc(2023, 3, 15),
  },
}
