// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.20;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// A settable price feed with the read functions and the AnswerUpdated event of a Chainlink aggregator.
/// It is for the local world only: one transmitter, named by the owner, is believed without a quorum.
contract PriceFeed is Ownable {
    struct Round {
        int256 answer;
        uint256 updatedAt;
    }

    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);
    event TransmitterChanged(address indexed previous, address indexed current);

    error NotTransmitter(address caller);
    error BadAnswer(int256 answer);
    error NoSuchRound(uint80 roundId);

    uint8 public constant decimals = 8;
    uint256 public constant version = 1;
    string public description;
    address public transmitter;
    uint80 public latestRound;
    mapping(uint80 => Round) private _rounds;

    constructor(string memory description_, address transmitter_, int256 answer) Ownable(msg.sender) {
        description = description_;
        _setTransmitter(transmitter_);
        _append(answer);
    }

    /// Replaces the only account that may post answers.
    function setTransmitter(address next) external onlyOwner {
        _setTransmitter(next);
    }

    /// Posts a price in USD with 8 decimals as a new round.
    function setAnswer(int256 answer) external {
        if (msg.sender != transmitter) revert NotTransmitter(msg.sender);
        _append(answer);
    }

    function latestAnswer() external view returns (int256) {
        return _rounds[latestRound].answer;
    }

    function latestTimestamp() external view returns (uint256) {
        return _rounds[latestRound].updatedAt;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return getRoundData(latestRound);
    }

    function getRoundData(uint80 roundId) public view returns (uint80, int256, uint256, uint256, uint80) {
        Round memory round = _rounds[roundId];
        if (round.updatedAt == 0) revert NoSuchRound(roundId);
        return (roundId, round.answer, round.updatedAt, round.updatedAt, roundId);
    }

    function _setTransmitter(address next) private {
        emit TransmitterChanged(transmitter, next);
        transmitter = next;
    }

    function _append(int256 answer) private {
        if (answer <= 0) revert BadAnswer(answer);
        latestRound += 1;
        _rounds[latestRound] = Round(answer, block.timestamp);
        emit AnswerUpdated(answer, latestRound, block.timestamp);
    }
}
