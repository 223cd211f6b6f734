// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";

/// @title GuardedLender
/// @notice Example of a consumer: lends one token to borrowers its owner vouches for, and lends less the riskier
/// the market is. A score that is missing, stale or outside 0..1 stops new loans; repaying always works.
contract GuardedLender is Ownable {
    using SafeERC20 for IERC20;

    int256 private constant SCORE_ONE = 1e8;

    AggregatorV3Interface public immutable riskFeed;
    IERC20 public immutable token;
    /// @notice A score is stale when the block it was observed in is older than this.
    uint256 public immutable maxAgeSec;
    /// @notice From this score on (8 decimals) nothing is lent at all.
    int256 public immutable haltScore;
    mapping(address borrower => uint256) public creditLimit;
    mapping(address borrower => uint256) public debt;

    event Borrowed(address indexed borrower, uint256 amount, int256 score);
    event Repaid(address indexed borrower, uint256 amount);

    error ScoreMissing();
    error ScoreStale(uint256 observedAt, uint256 maxAgeSec);
    error ScoreOutOfBounds(int256 score);
    error MarketTooRisky(int256 score, int256 haltScore);
    error LimitExceeded(uint256 wanted, uint256 limit);

    constructor(AggregatorV3Interface riskFeed_, IERC20 token_, uint256 maxAgeSec_, int256 haltScore_)
        Ownable(msg.sender)
    {
        riskFeed = riskFeed_;
        token = token_;
        maxAgeSec = maxAgeSec_;
        haltScore = haltScore_;
    }

    function setCreditLimit(address borrower, uint256 amount) external onlyOwner {
        creditLimit[borrower] = amount;
    }

    /// @notice The market's risk now, 0..1e8. Reverts rather than return a number nobody stands behind.
    function safeScore() public view returns (int256 score) {
        uint80 roundId;
        uint256 observedAt;
        try riskFeed.latestRoundData() returns (uint80 id, int256 answer, uint256 startedAt, uint256, uint80) {
            (roundId, score, observedAt) = (id, answer, startedAt);
        } catch {
            revert ScoreMissing();
        }
        if (roundId == 0 || observedAt == 0) revert ScoreMissing();
        if (block.timestamp > observedAt + maxAgeSec) revert ScoreStale(observedAt, maxAgeSec);
        if (score < 0 || score > SCORE_ONE) revert ScoreOutOfBounds(score);
    }

    /// @notice What a borrower may owe in all: the granted limit × (1 − score / haltScore).
    function limitNow(address borrower) public view returns (uint256) {
        int256 score = safeScore();
        if (score >= haltScore) revert MarketTooRisky(score, haltScore);
        return creditLimit[borrower] * uint256(haltScore - score) / uint256(haltScore);
    }

    function borrow(uint256 amount) external {
        uint256 limit = limitNow(msg.sender);
        uint256 owed = debt[msg.sender] + amount;
        if (owed > limit) revert LimitExceeded(owed, limit);
        debt[msg.sender] = owed;
        emit Borrowed(msg.sender, amount, safeScore());
        token.safeTransfer(msg.sender, amount);
    }

    function repay(uint256 amount) external {
        debt[msg.sender] -= amount;
        emit Repaid(msg.sender, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }
}
