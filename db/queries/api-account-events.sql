-- The newest 50 facts an account took part in, newest first, each with its transaction.
-- $1 account id. Columns: as in type AccountEventRow of src/api/topics/account-risk.ts.
-- Indexes: primary keys of account_event (account first) and of each fact table.
SELECT e.kind, e.role, e."timestamp", e.counterparty, e.asset_id AS "assetId", e.amount::text AS amount,
       coalesce(tx.hash, tt.tx_hash, ta.tx_hash, le.tx_hash, sw.tx_hash, pu.tx_hash, fl.tx_hash, aa.tx_hash, bt.tx_hash)
         AS "txHash"
FROM (
  SELECT * FROM account_event WHERE account_id = $1::text
  ORDER BY height DESC, log_index DESC, sub_index DESC, kind, role LIMIT 50
) e
LEFT JOIN transaction tx ON e.kind = 'transaction'
  AND (tx.chain_id, tx.height, tx.tx_index) = (e.chain_id, e.height, e.log_index)
LEFT JOIN token_transfer tt ON e.kind = 'tokenTransfer'
  AND (tt.chain_id, tt.height, tt.log_index, tt.sub_index) = (e.chain_id, e.height, e.log_index, e.sub_index)
LEFT JOIN token_approval ta ON e.kind = 'tokenApproval'
  AND (ta.chain_id, ta.height, ta.log_index, ta.sub_index) = (e.chain_id, e.height, e.log_index, e.sub_index)
LEFT JOIN lending_event le ON e.kind = 'lendingEvent'
  AND (le.chain_id, le.height, le.log_index, le.sub_index) = (e.chain_id, e.height, e.log_index, e.sub_index)
LEFT JOIN swap sw ON e.kind = 'swap'
  AND (sw.chain_id, sw.height, sw.log_index, sw.sub_index) = (e.chain_id, e.height, e.log_index, e.sub_index)
LEFT JOIN price_update pu ON e.kind = 'priceUpdate'
  AND (pu.chain_id, pu.height, pu.log_index, pu.sub_index) = (e.chain_id, e.height, e.log_index, e.sub_index)
LEFT JOIN flash_loan fl ON e.kind = 'flashLoan'
  AND (fl.chain_id, fl.height, fl.log_index, fl.sub_index) = (e.chain_id, e.height, e.log_index, e.sub_index)
LEFT JOIN admin_action aa ON e.kind = 'adminAction'
  AND (aa.chain_id, aa.height, aa.log_index, aa.sub_index) = (e.chain_id, e.height, e.log_index, e.sub_index)
LEFT JOIN bridge_transfer bt ON e.kind = 'bridgeTransfer'
  AND (bt.chain_id, bt.height, bt.log_index, bt.sub_index) = (e.chain_id, e.height, e.log_index, e.sub_index)
ORDER BY e.height DESC, e.log_index DESC, e.sub_index DESC, e.kind, e.role
