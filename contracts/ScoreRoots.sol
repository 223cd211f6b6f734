// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {QuorumSigned} from "./QuorumSigned.sol";

/// @title ScoreRoots
/// @notice One Merkle root per scoring round of a chain, signed by the quorum, so that any single score of the
/// round can be proved on chain although only the root was paid for.
abstract contract ScoreRoots is QuorumSigned {
    /// @param scoredChainId chain whose state was scored, at block `height` with hash `blockHash` (finalized).
    struct ScoreRoot {
        uint256 scoredChainId;
        uint64 height;
        bytes32 blockHash;
        uint64 observedAt;
        uint64 expiresAt;
        uint32 leafCount;
        bytes32 root;
    }

    /// @param subject keccak256 of the subject's id, e.g. of "31337:0xabc…".
    /// @param valueE8 the score, 0..1 scaled by 1e8.
    struct ScoreLeaf {
        bytes32 subject;
        bytes32 metric;
        bytes32 modelHash;
        uint256 valueE8;
    }

    bytes32 private constant SCORE_ROOT_TYPEHASH = keccak256(
        "ScoreRoot(uint256 scoredChainId,uint64 height,bytes32 blockHash,uint64 observedAt,uint64 expiresAt,uint32 leafCount,bytes32 root)"
    );

    mapping(uint256 scoredChainId => uint64 height) public latestRootHeight;
    mapping(uint256 scoredChainId => mapping(uint64 height => ScoreRoot)) private _roots;

    event ScoreRootPublished(uint256 indexed scoredChainId, uint64 indexed height, bytes32 root, uint32 leafCount);

    error RootNotNewer(uint256 scoredChainId, uint64 height, uint64 latest);
    error RootExpired(uint64 expiresAt);
    error RootFromFuture(uint64 observedAt);
    error RootEmpty();
    error RootUnknown(uint256 scoredChainId, uint64 height);

    function submitRoot(ScoreRoot calldata s, bytes[] calldata signatures) external whenNotPaused {
        _requireQuorum(keccak256(abi.encode(SCORE_ROOT_TYPEHASH, s)), signatures);
        uint64 latest = latestRootHeight[s.scoredChainId];
        if (s.height <= latest) revert RootNotNewer(s.scoredChainId, s.height, latest);
        if (block.timestamp > s.expiresAt) revert RootExpired(s.expiresAt);
        if (s.observedAt > block.timestamp) revert RootFromFuture(s.observedAt);
        if (s.root == bytes32(0) || s.leafCount == 0) revert RootEmpty();
        latestRootHeight[s.scoredChainId] = s.height;
        _roots[s.scoredChainId][s.height] = s;
        emit ScoreRootPublished(s.scoredChainId, s.height, s.root, s.leafCount);
    }

    function scoreRoot(uint256 scoredChainId, uint64 height) public view returns (ScoreRoot memory s) {
        s = _roots[scoredChainId][height];
        if (s.root == bytes32(0)) revert RootUnknown(scoredChainId, height);
    }

    /// @notice Whether the leaf is part of that round. Leaves are hashed twice, so no inner node can pose as one.
    function verifyScore(uint256 scoredChainId, uint64 height, ScoreLeaf calldata leaf, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        bytes32 hashed = keccak256(bytes.concat(keccak256(abi.encode(leaf))));
        return MerkleProof.verifyCalldata(proof, scoreRoot(scoredChainId, height).root, hashed);
    }
}
