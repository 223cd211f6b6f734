/**
 * Governors: proposals and the rules they are decided by. OpenZeppelin's Governor and Compound's GovernorBravo, whose
 * ProposalCreated is the same event. A proposal may be of any length; what is kept of it is bounded.
 */
import { expectShape, topicOf, wordAddress, wordAddressArray, wordBytes, wordUint } from '../log-shape'
import type { RawLog } from '../types'
import { changed, type Effect, type Effects, oneNumber } from './effect'

/** Further targets are only counted. */
const MAX_TARGETS = 4
const MAX_TITLE_BYTES = 160
/** What a cut within a character leaves behind. */
const BROKEN_END = /\uFFFD+$/

export const GOVERNOR_EFFECTS: Effects = {
  [topicOf('ProposalCreated(uint256,address,address[],uint256[],string[],bytes[],uint256,uint256,string)')]:
    proposalCreated,
  /** ProposalQueued(proposalId, eta) */
  [topicOf('ProposalQueued(uint256,uint256)')]: (log) => {
    expectShape(log, 'ProposalQueued', 1, 2)
    const [proposalId, etaSec] = [wordUint(log, 0).toString(), wordUint(log, 1).toString()]
    return { kind: 'proposalQueued', actor: null, detail: { proposalId, etaSec } }
  },
  [topicOf('ProposalExecuted(uint256)')]: (log) => one(log, 'proposalExecuted'),
  [topicOf('ProposalCanceled(uint256)')]: (log) => one(log, 'proposalCanceled'),
  [topicOf('VotingDelaySet(uint256,uint256)')]: (log) => changed(log, 'votingDelayChanged'),
  [topicOf('VotingPeriodSet(uint256,uint256)')]: (log) => changed(log, 'votingPeriodChanged'),
  [topicOf('ProposalThresholdSet(uint256,uint256)')]: (log) => changed(log, 'proposalThresholdChanged'),
  [topicOf('QuorumNumeratorUpdated(uint256,uint256)')]: (log) => changed(log, 'quorumChanged'),
  [topicOf('TimelockChange(address,address)')]: (log) => {
    expectShape(log, 'TimelockChange', 1, 2)
    const [previousTimelock, newTimelock] = [wordAddress(log, 0), wordAddress(log, 1)]
    return { kind: 'governorTimelockChanged', actor: newTimelock, detail: { previousTimelock, newTimelock } }
  },
}

function one(log: RawLog, kind: string): Effect {
  return { kind, actor: null, detail: { proposalId: oneNumber(log, kind) } }
}

/** (proposalId, proposer, targets[], values[], signatures[], calldatas[], voteStart, voteEnd, description) */
function proposalCreated(log: RawLog): Effect {
  expectShape(log, 'ProposalCreated', 1, 10)
  const proposer = wordAddress(log, 1)
  const targets = wordAddressArray(log, 2)
  const description = wordBytes(log, 8, MAX_TITLE_BYTES).head
  const detail = {
    proposalId: wordUint(log, 0).toString(),
    proposer,
    calls: targets.length.toString(),
    targets: targets.slice(0, MAX_TARGETS).join(' '),
    voteStart: wordUint(log, 6).toString(),
    voteEnd: wordUint(log, 7).toString(),
    title: titleOf(description),
  }
  return { kind: 'proposalCreated', actor: proposer, detail }
}

/** The first line of a description. */
function titleOf(hex: string): string {
  const [line = ''] = Buffer.from(hex.slice(2), 'hex').toString('utf8').split('\n')
  return line.replace(BROKEN_END, '').trim()
}
