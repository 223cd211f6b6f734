// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IParameterUpdates} from "./interfaces/IParameterUpdates.sol";
import {IRiskOracle} from "./interfaces/IRiskOracle.sol";
import {ModelRegistry} from "./ModelRegistry.sol";
import {QuorumSigned} from "./QuorumSigned.sol";
import {RiskFeed} from "./RiskFeed.sol";
import {ScoreRoots} from "./ScoreRoots.sol";

/// @title RiskOracle
/// @notice Holds risk values that a quorum of signers reported, each within the rails of its feed. Anyone may
/// submit: authority lies in the signatures, never in the sender.
/// @dev A report applies only as a round above the last one and only over the previous value it names. So every
/// signed report applies at most once and two submitters can race without harm. Rounds may be skipped: a report
/// that was signed but not applied burns its number, because no signer ever signs two values for one (feed, round).
/// Feeds with a common `groupId` are coupled: they move only together, in one bundle signed as a whole.
contract RiskOracle is IRiskOracle, IParameterUpdates, ScoreRoots {
    using Strings for *;

    /// @param observedAt time of the finalized block the value was computed from.
    /// @param previousValue value of the last round, 0 for round 1.
    /// @param bundleId 0 for a report that stands alone.
    struct Report {
        bytes32 feedId;
        uint64 round;
        uint64 observedAt;
        uint64 expiresAt;
        int256 value;
        int256 previousValue;
        uint16 confidenceBps;
        bytes32 modelHash;
        bytes32 bundleId;
    }

    /// @notice What holds a feed back, and what its publisher aims at (heartbeatSec, deviationBps).
    /// @param changeFloor a round may move by maxChangeBps of max(|previous|, changeFloor). Without a floor a feed
    /// that once reads 0 could never leave it. deviationBps has the same base.
    /// @param maxAgeSec oldest observation that may still be applied: an indexer that fell behind is not believed.
    struct Rails {
        int256 minAnswer;
        int256 maxAnswer;
        uint256 changeFloor;
        uint32 maxChangeBps;
        uint32 deviationBps;
        uint32 minDelaySec;
        uint32 heartbeatSec;
        uint32 maxAgeSec;
    }

    struct Feed {
        uint256 subjectChainId;
        address subject;
        bool allowed;
        RiskFeed proxy;
        bytes32 groupId;
        string metric;
        Rails rails;
    }

    bytes32 private constant REPORT_TYPEHASH = keccak256(
        "Report(bytes32 feedId,uint64 round,uint64 observedAt,uint64 expiresAt,int256 value,int256 previousValue,uint16 confidenceBps,bytes32 modelHash,bytes32 bundleId)"
    );
    bytes32 private constant BUNDLE_TYPEHASH = keccak256(
        "Bundle(bytes32 bundleId,Report[] reports)Report(bytes32 feedId,uint64 round,uint64 observedAt,uint64 expiresAt,int256 value,int256 previousValue,uint16 confidenceBps,bytes32 modelHash,bytes32 bundleId)"
    );
    uint256 private constant BPS = 10_000;
    /// @notice Keeps a bundle of coupled feeds far below the block gas limit.
    uint256 public constant MAX_GROUP = 32;
    /// @notice Keeps one report from exhausting the round numbers; at one burned number every ten minutes, the publisher's
    /// longest pause, a feed lives for 19 years without an applied report.
    uint64 public constant MAX_ROUND_SKIP = 1_000_000;

    address public immutable feedImplementation;
    /// @notice When set, reports must name a model registered there.
    ModelRegistry public modelRegistry;
    uint48 public updateCount;
    bytes32[] private _feedIds;
    mapping(bytes32 feedId => Feed) private _feeds;
    mapping(bytes32 feedId => uint64) public latestRound;
    mapping(bytes32 feedId => mapping(uint64 round => Round)) private _rounds;
    mapping(bytes32 groupId => uint256) public groupSize;

    event FeedCreated(
        bytes32 indexed feedId, uint256 indexed subjectChainId, address indexed subject, string metric, address proxy
    );
    event FeedAllowed(bytes32 indexed feedId, bool allowed);
    event RailsChanged(bytes32 indexed feedId, Rails rails);
    event ModelRegistryChanged(ModelRegistry registry);
    event ReportApplied(
        bytes32 indexed feedId, uint64 indexed round, int256 value, uint64 observedAt, bytes32 modelHash, bytes32 bundleId
    );

    error FeedExists(bytes32 feedId);
    error FeedNotAllowed(bytes32 feedId);
    error BadRails();
    error GroupTooLarge(bytes32 groupId);
    error StaleRound(bytes32 feedId, uint64 round, uint64 latest);
    error RoundGap(bytes32 feedId, uint64 round, uint64 latest);
    error WrongPreviousValue(bytes32 feedId, int256 given, int256 stored);
    error ReportExpired(bytes32 feedId, uint64 expiresAt);
    error ObservationNotNewer(bytes32 feedId, uint64 observedAt, uint64 last);
    error ObservationInFuture(bytes32 feedId, uint64 observedAt);
    error ObservationTooOld(bytes32 feedId, uint64 observedAt, uint32 maxAgeSec);
    error AnswerOutOfBounds(bytes32 feedId, int256 value, int256 minAnswer, int256 maxAnswer);
    error ChangeTooLarge(bytes32 feedId, int256 value, int256 previousValue, uint256 limit);
    error TooSoon(bytes32 feedId, uint256 notBefore);
    error BadConfidence(bytes32 feedId, uint16 confidenceBps);
    error UnknownModel(bytes32 modelHash);
    error BundleRequired(bytes32 feedId, bytes32 groupId);
    error BundleMismatch(bytes32 feedId);
    error BundleIncomplete(bytes32 groupId, uint256 have, uint256 need);
    error NoRound(bytes32 feedId, uint64 round);

    constructor(address admin, address[] memory signers_, uint256 faults_)
        EIP712("Plimsoll RiskOracle", "1")
        QuorumSigned(admin, signers_, faults_)
    {
        feedImplementation = address(new RiskFeed());
    }

    /// @notice Adds a feed, allowed from the start, and deploys its AggregatorV3 face.
    function createFeed(uint256 subjectChainId, address subject, string calldata metric, bytes32 groupId, Rails calldata rails)
        external
        onlyRole(DEFAULT_ADMIN_ROLE)
        returns (bytes32 feedId, address proxy)
    {
        feedId = feedIdOf(subjectChainId, subject, metric);
        if (address(_feeds[feedId].proxy) != address(0)) revert FeedExists(feedId);
        proxy = Clones.cloneDeterministicWithImmutableArgs(feedImplementation, abi.encode(this, feedId), feedId);
        Feed storage feed = _feeds[feedId];
        feed.subjectChainId = subjectChainId;
        feed.subject = subject;
        feed.allowed = true;
        feed.proxy = RiskFeed(proxy);
        feed.metric = metric;
        if (groupId != bytes32(0)) {
            feed.groupId = groupId;
            if (++groupSize[groupId] > MAX_GROUP) revert GroupTooLarge(groupId);
        }
        _feedIds.push(feedId);
        emit FeedCreated(feedId, subjectChainId, subject, metric, proxy);
        _setRails(feedId, rails);
    }

    function setFeedAllowed(bytes32 feedId, bool allowed) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (address(_feeds[feedId].proxy) == address(0)) revert FeedNotAllowed(feedId);
        _feeds[feedId].allowed = allowed;
        emit FeedAllowed(feedId, allowed);
    }

    function setRails(bytes32 feedId, Rails calldata rails) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (address(_feeds[feedId].proxy) == address(0)) revert FeedNotAllowed(feedId);
        _setRails(feedId, rails);
    }

    function setModelRegistry(ModelRegistry registry) external onlyRole(DEFAULT_ADMIN_ROLE) {
        modelRegistry = registry;
        emit ModelRegistryChanged(registry);
    }

    /// @notice Applies one report of an uncoupled feed.
    function submit(Report calldata report, bytes[] calldata signatures) external whenNotPaused {
        bytes32 groupId = _feeds[report.feedId].groupId;
        if (groupId != bytes32(0)) revert BundleRequired(report.feedId, groupId);
        if (report.bundleId != bytes32(0)) revert BundleMismatch(report.feedId);
        _requireQuorum(_hashReport(report), signatures);
        _apply(report);
    }

    /// @notice Applies one report for every feed of a group, or none of them.
    /// @param reports in strictly ascending order of feedId, all with this bundleId.
    function submitBundle(bytes32 bundleId, Report[] calldata reports, bytes[] calldata signatures)
        external
        whenNotPaused
    {
        if (reports.length == 0 || bundleId == bytes32(0)) revert BundleIncomplete(bundleId, reports.length, 1);
        bytes32 groupId = _feeds[reports[0].feedId].groupId;
        uint256 need = groupSize[groupId];
        if (reports.length != need) revert BundleIncomplete(groupId, reports.length, need);
        bytes32[] memory hashes = new bytes32[](reports.length);
        bytes32 lastId;
        for (uint256 i = 0; i < reports.length; i++) {
            Report calldata r = reports[i];
            if (r.bundleId != bundleId || r.feedId <= lastId || _feeds[r.feedId].groupId != groupId) {
                revert BundleMismatch(r.feedId);
            }
            lastId = r.feedId;
            hashes[i] = _hashReport(r);
        }
        bytes32 reportsHash = keccak256(abi.encodePacked(hashes));
        _requireQuorum(keccak256(abi.encode(BUNDLE_TYPEHASH, bundleId, reportsHash)), signatures);
        for (uint256 i = 0; i < reports.length; i++) {
            _apply(reports[i]);
        }
    }

    function feedIdOf(uint256 subjectChainId, address subject, string memory metric) public pure returns (bytes32) {
        return keccak256(abi.encode(subjectChainId, subject, metric));
    }

    function feedIds() external view returns (bytes32[] memory) {
        return _feedIds;
    }

    function getFeed(bytes32 feedId) external view returns (Feed memory) {
        return _feeds[feedId];
    }

    function getRound(bytes32 feedId, uint64 round) public view returns (Round memory r) {
        r = _rounds[feedId][round];
        if (r.updatedAt == 0) revert NoRound(feedId, round);
    }

    function feedDescription(bytes32 feedId) external view returns (string memory) {
        Feed storage f = _feeds[feedId];
        return string.concat(f.metric, " of ", f.subjectChainId.toString(), ":", f.subject.toChecksumHexString());
    }

    /// @dev `market` is a subject on this chain; values are abi-encoded int256 with 8 decimals, referenceId is the
    /// model's hash, additionalData is (round, observedAt, expiresAt, confidenceBps, bundleId).
    function getLatestUpdateByParameterAndMarket(string calldata updateType, address market)
        external
        view
        returns (RiskParameterUpdate memory)
    {
        bytes32 feedId = feedIdOf(block.chainid, market, updateType);
        uint64 round = latestRound[feedId];
        Round memory r = getRound(feedId, round);
        return RiskParameterUpdate({
            timestamp: r.updatedAt,
            newValue: abi.encode(r.value),
            referenceId: uint256(r.modelHash).toHexString(32),
            previousValue: abi.encode(r.previousValue),
            updateType: updateType,
            updateId: r.updateId,
            market: market,
            additionalData: abi.encode(round, r.observedAt, r.expiresAt, r.confidenceBps, r.bundleId)
        });
    }

    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IRiskOracle).interfaceId || interfaceId == type(IParameterUpdates).interfaceId
            || super.supportsInterface(interfaceId);
    }

    function _hashReport(Report calldata r) private pure returns (bytes32) {
        return keccak256(abi.encode(REPORT_TYPEHASH, r));
    }

    function _setRails(bytes32 feedId, Rails calldata r) private {
        if (
            r.minAnswer >= r.maxAnswer || r.maxChangeBps == 0 || r.changeFloor == 0 || r.heartbeatSec < r.minDelaySec
                || r.maxAgeSec == 0
        ) {
            revert BadRails();
        }
        _feeds[feedId].rails = r;
        emit RailsChanged(feedId, r);
    }

    function _apply(Report calldata r) private {
        Feed storage feed = _feeds[r.feedId];
        if (!feed.allowed) revert FeedNotAllowed(r.feedId);
        uint64 latest = latestRound[r.feedId];
        if (r.round <= latest) revert StaleRound(r.feedId, r.round, latest);
        if (r.round - latest > MAX_ROUND_SKIP) revert RoundGap(r.feedId, r.round, latest);
        if (block.timestamp > r.expiresAt) revert ReportExpired(r.feedId, r.expiresAt);
        if (r.observedAt > block.timestamp) revert ObservationInFuture(r.feedId, r.observedAt);
        if (r.confidenceBps > BPS) revert BadConfidence(r.feedId, r.confidenceBps);
        if (address(modelRegistry) != address(0) && !modelRegistry.isRegistered(r.modelHash)) {
            revert UnknownModel(r.modelHash);
        }
        _requireRails(feed.rails, r, _rounds[r.feedId][latest]);
        _rounds[r.feedId][r.round] = Round({
            value: r.value,
            previousValue: r.previousValue,
            observedAt: r.observedAt,
            updatedAt: uint64(block.timestamp),
            expiresAt: r.expiresAt,
            confidenceBps: r.confidenceBps,
            updateId: ++updateCount,
            modelHash: r.modelHash,
            bundleId: r.bundleId
        });
        latestRound[r.feedId] = r.round;
        emit ReportApplied(r.feedId, r.round, r.value, r.observedAt, r.modelHash, r.bundleId);
    }

    function _requireRails(Rails storage rails, Report calldata r, Round storage last) private view {
        if (r.previousValue != last.value) revert WrongPreviousValue(r.feedId, r.previousValue, last.value);
        if (r.observedAt <= last.observedAt) revert ObservationNotNewer(r.feedId, r.observedAt, last.observedAt);
        if (uint256(r.observedAt) + rails.maxAgeSec < block.timestamp) {
            revert ObservationTooOld(r.feedId, r.observedAt, rails.maxAgeSec);
        }
        if (r.value < rails.minAnswer || r.value > rails.maxAnswer) {
            revert AnswerOutOfBounds(r.feedId, r.value, rails.minAnswer, rails.maxAnswer);
        }
        if (last.updatedAt == 0) return;
        uint256 notBefore = uint256(last.updatedAt) + rails.minDelaySec;
        if (block.timestamp < notBefore) revert TooSoon(r.feedId, notBefore);
        uint256 size = SignedMath.abs(last.value);
        uint256 limit = (size > rails.changeFloor ? size : rails.changeFloor) * rails.maxChangeBps / BPS;
        if (SignedMath.abs(r.value - last.value) > limit) revert ChangeTooLarge(r.feedId, r.value, last.value, limit);
    }
}
