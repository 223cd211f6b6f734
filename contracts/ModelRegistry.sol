// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

/// @title ModelRegistry
/// @notice Says which model file stands behind a SHA-256 that a report or a score names. Entries are never
/// changed or removed: a number published a year ago must still lead to the model that made it.
contract ModelRegistry is Ownable2Step {
    struct Model {
        string name;
        string version;
        string uri;
        uint64 registeredAt;
    }

    mapping(bytes32 sha256Hash => Model) private _models;

    event ModelRegistered(bytes32 indexed sha256Hash, string name, string version, string uri);

    error ModelAlreadyRegistered(bytes32 sha256Hash);
    error ModelNotRegistered(bytes32 sha256Hash);
    error ModelIncomplete();

    constructor(address owner) Ownable(owner) {}

    /// @param sha256Hash SHA-256 of the ONNX file, byte for byte.
    /// @param uri where the file and its card can be fetched; may be empty.
    function register(bytes32 sha256Hash, string calldata name, string calldata version, string calldata uri)
        external
        onlyOwner
    {
        if (sha256Hash == bytes32(0) || bytes(name).length == 0 || bytes(version).length == 0) revert ModelIncomplete();
        if (isRegistered(sha256Hash)) revert ModelAlreadyRegistered(sha256Hash);
        _models[sha256Hash] = Model(name, version, uri, uint64(block.timestamp));
        emit ModelRegistered(sha256Hash, name, version, uri);
    }

    function isRegistered(bytes32 sha256Hash) public view returns (bool) {
        return _models[sha256Hash].registeredAt != 0;
    }

    function getModel(bytes32 sha256Hash) external view returns (Model memory) {
        if (!isRegistered(sha256Hash)) revert ModelNotRegistered(sha256Hash);
        return _models[sha256Hash];
    }
}
