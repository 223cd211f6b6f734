// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @title QuorumSigned
/// @notice A set of n signers of which f may be faulty, n > 3f. A statement counts when 2f+1 distinct members
/// signed its EIP-712 digest: at least f+1 of those are honest. With n = 3f+1 two quorums also share an honest
/// signer, who never signs two values for one round, so two conflicting statements cannot both reach a quorum.
abstract contract QuorumSigned is EIP712, AccessControl, Pausable {
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");
    uint256 public constant MAX_SIGNERS = 64;

    address[] private _signers;
    /// @dev Position in the set plus one; 0 means not a member.
    mapping(address signer => uint256) private _seat;
    uint256 public faults;

    event SignersChanged(address[] signers, uint256 faults);

    error BadSignerSet(uint256 count, uint256 faults);
    error SignerRepeated(address signer);
    error QuorumNotMet(uint256 have, uint256 need);
    error MalformedSignature(uint256 index);
    error UnknownSigner(address signer);
    error DuplicateSignature(address signer);

    constructor(address admin, address[] memory signers_, uint256 faults_) {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(PAUSER_ROLE, admin);
        _setSigners(signers_, faults_);
    }

    function setSigners(address[] calldata signers_, uint256 faults_) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _setSigners(signers_, faults_);
    }

    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
    }

    function unpause() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _unpause();
    }

    function signers() external view returns (address[] memory) {
        return _signers;
    }

    function isSigner(address account) external view returns (bool) {
        return _seat[account] != 0;
    }

    /// @notice Distinct signatures a statement needs: 2f+1.
    function quorum() public view returns (uint256) {
        return 2 * faults + 1;
    }

    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @dev Every signature given must be valid, so that nobody can pad a submission and waste its gas unseen.
    function _requireQuorum(bytes32 structHash, bytes[] calldata signatures) internal view {
        uint256 need = quorum();
        if (signatures.length < need) revert QuorumNotMet(signatures.length, need);
        bytes32 digest = _hashTypedDataV4(structHash);
        uint256 seen;
        for (uint256 i = 0; i < signatures.length; i++) {
            (address signer, ECDSA.RecoverError fault,) = ECDSA.tryRecover(digest, signatures[i]);
            if (fault != ECDSA.RecoverError.NoError) revert MalformedSignature(i);
            uint256 seat = _seat[signer];
            if (seat == 0) revert UnknownSigner(signer);
            uint256 bit = 1 << seat;
            if (seen & bit != 0) revert DuplicateSignature(signer);
            seen |= bit;
        }
    }

    function _setSigners(address[] memory signers_, uint256 faults_) private {
        uint256 count = signers_.length;
        if (faults_ == 0 || count <= 3 * faults_ || count > MAX_SIGNERS) revert BadSignerSet(count, faults_);
        for (uint256 i = 0; i < _signers.length; i++) {
            delete _seat[_signers[i]];
        }
        for (uint256 i = 0; i < count; i++) {
            address signer = signers_[i];
            if (signer == address(0)) revert UnknownSigner(signer);
            if (_seat[signer] != 0) revert SignerRepeated(signer);
            _seat[signer] = i + 1;
        }
        _signers = signers_;
        faults = faults_;
        emit SignersChanged(signers_, faults_);
    }
}
