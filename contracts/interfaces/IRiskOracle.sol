// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

/// @notice What a RiskFeed reads from the oracle that created it.
interface IRiskOracle {
    /// @notice An applied report. `value` has 8 decimals.
    struct Round {
        int256 value;
        int256 previousValue;
        uint64 observedAt;
        uint64 updatedAt;
        uint64 expiresAt;
        uint16 confidenceBps;
        uint48 updateId;
        bytes32 modelHash;
        bytes32 bundleId;
    }

    function latestRound(bytes32 feedId) external view returns (uint64);

    function getRound(bytes32 feedId, uint64 round) external view returns (Round memory);

    function feedDescription(bytes32 feedId) external view returns (string memory);
}
