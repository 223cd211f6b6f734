/** Columns of the tables that are filled by COPY, in the order of their rows' values. */
import type { FactTable } from '../protocols/types'

const COMMON = [
  'id',
  'chain_id',
  'height',
  'log_index',
  'sub_index',
  'block_hash',
  'timestamp',
  'tx_hash',
  'verified',
]

/** Columns of each fact table, in the order of `factLine`'s values. */
export const FACT_COLUMNS: Readonly<Record<FactTable, readonly string[]>> = {
  token_transfer: [...COMMON, 'asset_id', 'from_id', 'to_id', 'amount', 'token_id', 'standard'],
  token_approval: [...COMMON, 'asset_id', 'owner_id', 'spender_id', 'amount', 'token_id', 'standard'],
  lending_event: [
    ...COMMON,
    'protocol',
    'kind',
    'account_id',
    'initiator_id',
    'market_id',
    'asset_id',
    'amount',
    'collateral_asset_id',
    'collateral_amount',
  ],
  swap: [
    ...COMMON,
    'protocol',
    'pool_id',
    'sender_id',
    'recipient_id',
    'amount0',
    'amount1',
    'sqrt_price_x96',
    'liquidity',
    'tick',
  ],
  price_update: [...COMMON, 'source', 'feed_id', 'asset_id', 'answer', 'decimals', 'round_id', 'updated_at'],
  flash_loan: [...COMMON, 'protocol', 'initiator_id', 'receiver_id', 'asset_id', 'amount', 'premium'],
  admin_action: [...COMMON, 'kind', 'target_id', 'actor_id', 'detail'],
  bridge_transfer: [...COMMON, 'bridge', 'direction', 'account_id', 'asset_id', 'amount', 'remote_chain_id'],
}

export const TRANSACTION_COLUMNS = [
  'id',
  'chain_id',
  'height',
  'tx_index',
  'block_hash',
  'timestamp',
  'hash',
  'from_id',
  'to_id',
  'created_contract_id',
  'value_wei',
  'gas_used',
  'status',
  'method_id',
  'nonce',
]

export const QUARANTINE_COLUMNS = [
  'id',
  'chain_id',
  'height',
  'log_index',
  'block_hash',
  'tx_hash',
  'emitter',
  'topic0',
  'reason',
  'data',
]
