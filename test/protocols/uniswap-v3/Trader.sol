// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.20;

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
}

interface IPool {
    function token0() external view returns (IToken);
    function token1() external view returns (IToken);
    function liquidity() external view returns (uint128);
    function slot0() external view returns (uint160, int24, uint16, uint16, uint16, uint8, bool);
    function ticks(int24 tick)
        external
        view
        returns (uint128, int128, uint256, uint256, int56, uint160, uint32, bool);
    function mint(address to, int24 lower, int24 upper, uint128 amount, bytes calldata data) external;
    function burn(int24 lower, int24 upper, uint128 amount) external;
    function collect(address to, int24 lower, int24 upper, uint128 amount0, uint128 amount1) external;
    function swap(address to, bool zeroForOne, int256 amount, uint160 limit, bytes calldata data) external;
    function flash(address to, uint256 amount0, uint256 amount1, bytes calldata data) external;
}

/// Owns tokens and positions, and pays what a pool asks for in its callbacks.
contract Trader {
    function mint(IPool pool, int24 lower, int24 upper, uint128 amount) external {
        pool.mint(address(this), lower, upper, amount, "");
    }

    function burn(IPool pool, int24 lower, int24 upper, uint128 amount) external {
        pool.burn(lower, upper, amount);
    }

    function collect(IPool pool, int24 lower, int24 upper, uint128 amount0, uint128 amount1) external {
        pool.collect(address(this), lower, upper, amount0, amount1);
    }

    function swap(IPool pool, bool zeroForOne, int256 amount, uint160 limit) external {
        pool.swap(address(this), zeroForOne, amount, limit, "");
    }

    function flash(IPool pool, uint256 amount0, uint256 amount1) external {
        pool.flash(address(this), amount0, amount1, abi.encode(amount0, amount1));
    }

    function uniswapV3MintCallback(uint256 owed0, uint256 owed1, bytes calldata) external {
        pay(owed0, owed1);
    }

    function uniswapV3SwapCallback(int256 delta0, int256 delta1, bytes calldata) external {
        pay(delta0 > 0 ? uint256(delta0) : 0, delta1 > 0 ? uint256(delta1) : 0);
    }

    function uniswapV3FlashCallback(uint256 fee0, uint256 fee1, bytes calldata data) external {
        (uint256 amount0, uint256 amount1) = abi.decode(data, (uint256, uint256));
        pay(amount0 + fee0, amount1 + fee1);
    }

    function pay(uint256 amount0, uint256 amount1) private {
        if (amount0 > 0) IPool(msg.sender).token0().transfer(msg.sender, amount0);
        if (amount1 > 0) IPool(msg.sender).token1().transfer(msg.sender, amount1);
    }

    struct Look {
        uint160 sqrtPriceX96;
        int24 tick;
        uint128 liquidity;
        uint8 feeProtocol;
        uint256 balance0;
        uint256 balance1;
        uint128[] gross;
        int128[] net;
    }

    /// Everything that a test compares, in one call.
    function look(IPool pool, int24[] calldata ticks) external view returns (Look memory seen) {
        (seen.sqrtPriceX96, seen.tick,,,, seen.feeProtocol,) = pool.slot0();
        seen.liquidity = pool.liquidity();
        seen.balance0 = pool.token0().balanceOf(address(pool));
        seen.balance1 = pool.token1().balanceOf(address(pool));
        seen.gross = new uint128[](ticks.length);
        seen.net = new int128[](ticks.length);
        for (uint256 i = 0; i < ticks.length; i++) {
            (seen.gross[i], seen.net[i],,,,,,) = pool.ticks(ticks[i]);
        }
    }
}
