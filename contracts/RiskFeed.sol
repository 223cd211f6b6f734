// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {AggregatorV3Interface} from "./interfaces/AggregatorV3Interface.sol";
import {IRiskOracle} from "./interfaces/IRiskOracle.sol";

/// @title RiskFeed
/// @notice One (subject, metric) of the RiskOracle in the shape of a price feed. Each feed is a minimal proxy
/// whose immutable arguments are (oracle, feedId): it has no storage, no owner and no initializer to race for.
/// @dev `startedAt` is when the value was observed (the finalized block's time), `updatedAt` when it was applied.
contract RiskFeed is AggregatorV3Interface {
    uint8 public constant decimals = 8;
    uint256 public constant version = 1;

    error NoDataPresent(uint80 roundId);

    /// @notice The oracle that holds this feed's rounds, and the feed's id there.
    function source() public view returns (IRiskOracle oracle, bytes32 feedId) {
        return abi.decode(Clones.fetchCloneArgs(address(this)), (IRiskOracle, bytes32));
    }

    function description() external view returns (string memory) {
        (IRiskOracle oracle, bytes32 feedId) = source();
        return oracle.feedDescription(feedId);
    }

    function getRoundData(uint80 roundId) external view returns (uint80, int256, uint256, uint256, uint80) {
        (IRiskOracle oracle, bytes32 feedId) = source();
        return _read(oracle, feedId, roundId);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        (IRiskOracle oracle, bytes32 feedId) = source();
        return _read(oracle, feedId, oracle.latestRound(feedId));
    }

    function _read(IRiskOracle oracle, bytes32 feedId, uint80 roundId)
        private
        view
        returns (uint80, int256, uint256, uint256, uint80)
    {
        if (roundId > type(uint64).max) revert NoDataPresent(roundId);
        try oracle.getRound(feedId, uint64(roundId)) returns (IRiskOracle.Round memory r) {
            return (roundId, r.value, r.observedAt, r.updatedAt, roundId);
        } catch {
            revert NoDataPresent(roundId);
        }
    }
}
