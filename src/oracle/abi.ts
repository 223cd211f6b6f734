/**
 * The parts of the contracts' interfaces that this engine calls, typed. A test compares each entry with the
 * compiler's own ABI, so the two cannot drift.
 */
import { parseAbi } from 'viem'

const report =
  'struct Report { bytes32 feedId; uint64 round; uint64 observedAt; uint64 expiresAt; int256 value; int256 previousValue; uint16 confidenceBps; bytes32 modelHash; bytes32 bundleId; }'
const rails =
  'struct Rails { int256 minAnswer; int256 maxAnswer; uint256 changeFloor; uint32 maxChangeBps; uint32 deviationBps; uint32 minDelaySec; uint32 heartbeatSec; uint32 maxAgeSec; }'
const feed =
  'struct Feed { uint256 subjectChainId; address subject; bool allowed; address proxy; bytes32 groupId; string metric; Rails rails; }'
const round =
  'struct Round { int256 value; int256 previousValue; uint64 observedAt; uint64 updatedAt; uint64 expiresAt; uint16 confidenceBps; uint48 updateId; bytes32 modelHash; bytes32 bundleId; }'
const scoreRoot =
  'struct ScoreRoot { uint256 scoredChainId; uint64 height; bytes32 blockHash; uint64 observedAt; uint64 expiresAt; uint32 leafCount; bytes32 root; }'
const scoreLeaf = 'struct ScoreLeaf { bytes32 subject; bytes32 metric; bytes32 modelHash; uint256 valueE8; }'

/** RiskOracle: constructor (admin, signers, faults), what the publisher and signers call, and every refusal. */
export const riskOracleAbi = parseAbi([
  report,
  rails,
  feed,
  round,
  scoreRoot,
  scoreLeaf,
  'constructor(address admin, address[] signers_, uint256 faults_)',
  'function createFeed(uint256 subjectChainId, address subject, string metric, bytes32 groupId, Rails rails) returns (bytes32 feedId, address proxy)',
  'function setFeedAllowed(bytes32 feedId, bool allowed)',
  'function setRails(bytes32 feedId, Rails rails)',
  'function setModelRegistry(address registry)',
  'function setSigners(address[] signers_, uint256 faults_)',
  'function pause()',
  'function unpause()',
  'function paused() view returns (bool)',
  'function signers() view returns (address[])',
  'function isSigner(address account) view returns (bool)',
  'function quorum() view returns (uint256)',
  'function faults() view returns (uint256)',
  'function submit(Report report, bytes[] signatures)',
  'function submitBundle(bytes32 bundleId, Report[] reports, bytes[] signatures)',
  'function submitRoot(ScoreRoot s, bytes[] signatures)',
  'function verifyScore(uint256 scoredChainId, uint64 height, ScoreLeaf leaf, bytes32[] proof) view returns (bool)',
  'function feedIdOf(uint256 subjectChainId, address subject, string metric) pure returns (bytes32)',
  'function feedIds() view returns (bytes32[])',
  'function getFeed(bytes32 feedId) view returns (Feed)',
  'function latestRound(bytes32 feedId) view returns (uint64)',
  'function getRound(bytes32 feedId, uint64 round) view returns (Round)',
  'event ReportApplied(bytes32 indexed feedId, uint64 indexed round, int256 value, uint64 observedAt, bytes32 modelHash, bytes32 bundleId)',
  'error QuorumNotMet(uint256 have, uint256 need)',
  'error MalformedSignature(uint256 index)',
  'error UnknownSigner(address signer)',
  'error DuplicateSignature(address signer)',
  'error EnforcedPause()',
  'error FeedNotAllowed(bytes32 feedId)',
  'error StaleRound(bytes32 feedId, uint64 round, uint64 latest)',
  'error RoundGap(bytes32 feedId, uint64 round, uint64 latest)',
  'error WrongPreviousValue(bytes32 feedId, int256 given, int256 stored)',
  'error ReportExpired(bytes32 feedId, uint64 expiresAt)',
  'error ObservationNotNewer(bytes32 feedId, uint64 observedAt, uint64 last)',
  'error ObservationInFuture(bytes32 feedId, uint64 observedAt)',
  'error ObservationTooOld(bytes32 feedId, uint64 observedAt, uint32 maxAgeSec)',
  'error AnswerOutOfBounds(bytes32 feedId, int256 value, int256 minAnswer, int256 maxAnswer)',
  'error ChangeTooLarge(bytes32 feedId, int256 value, int256 previousValue, uint256 limit)',
  'error TooSoon(bytes32 feedId, uint256 notBefore)',
  'error BadConfidence(bytes32 feedId, uint16 confidenceBps)',
  'error UnknownModel(bytes32 modelHash)',
  'error BundleRequired(bytes32 feedId, bytes32 groupId)',
  'error BundleMismatch(bytes32 feedId)',
  'error BundleIncomplete(bytes32 groupId, uint256 have, uint256 need)',
])

/** RiskFeed: the AggregatorV3 face of one feed. */
export const riskFeedAbi = parseAbi([
  'function decimals() view returns (uint8)',
  'function description() view returns (string)',
  'function version() view returns (uint256)',
  'function source() view returns (address oracle, bytes32 feedId)',
  'function getRoundData(uint80 roundId) view returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
  'function latestRoundData() view returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
  'error NoDataPresent(uint80 roundId)',
])
