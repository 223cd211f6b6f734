// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title ExampleToken
/// @notice A plain ERC-20 for the examples and their tests; the whole supply goes to the deployer.
contract ExampleToken is ERC20 {
    constructor(uint256 supply) ERC20("Plimsoll Example", "PLIM") {
        _mint(msg.sender, supply);
    }
}
