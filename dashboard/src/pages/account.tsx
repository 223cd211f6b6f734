/** One account: how it stands, what the models say and why, what it holds, what was alerted and what it did. */
import { Alert } from '@mantine/core'
import { useState } from 'react'
import { ScoreHistoryChart } from '../charts/lazy'
import type { AccountRisk, AlertRow, PositionHealthRow } from '../data/types'
import { useAccount, useScoreHistory } from '../data/use-data'
import { modelWords } from '../format/feature'
import { count, percent, usd, usdExact } from '../format/number'
import { chainText } from '../format/text'
import { absolute } from '../format/time'
import { AccountEvents, AccountPositions } from '../parts/account-tables'
import { AlertDrawer } from '../parts/alert-drawer'
import { AlertsTable } from '../parts/alerts-table'
import { ChainName, useChains } from '../parts/chains'
import { Hash } from '../parts/hex'
import { ConnectionNotice } from '../parts/notices'
import { Empty, Loading, Panel } from '../parts/panel'
import { NearestPrice } from '../parts/positions-table'
import { ScorePanel } from '../parts/score-panel'
import { HealthFactor, Tag } from '../parts/tags'
import { Ago } from '../parts/time'
import { href } from '../route'

export function AccountPage({ chainId, address }: { chainId: number; address: string }) {
  const account = useAccount(chainId, address)
  const { data } = account
  return (
    <>
      <ConnectionNotice query={account} />
      {data === undefined && account.isPending && (
        <div className="panel">
          <Loading rows={8} />
        </div>
      )}
      {data === null && <UnknownAccount chainId={chainId} address={address} />}
      {data != null && <AccountContent account={data} />}
    </>
  )
}

function AccountContent({ account }: { account: AccountRisk }) {
  const [open, setOpen] = useState<AlertRow | null>(null)
  return (
    <>
      <AccountHead account={account} />
      <div className="columns">
        <div className="stack">
          {account.scores.length === 0 ? (
            <Panel title="Scores">
              <Empty>{noScoreWords(account)}</Empty>
            </Panel>
          ) : (
            account.scores.map((score) => <ScorePanel key={score.id} score={score} />)
          )}
          <Panel title="Positions" note="what it holds and owes">
            {account.positions.length === 0 ? (
              <Empty>It holds nothing in the lending markets that are indexed.</Empty>
            ) : (
              <AccountPositions rows={account.positions} />
            )}
          </Panel>
          <Panel title="Alerts" note="retracted ones included">
            {account.alerts.length === 0 ? (
              <Empty>No alert was ever raised about this account.</Empty>
            ) : (
              <AlertsTable rows={account.alerts} onOpen={setOpen} />
            )}
          </Panel>
        </div>
        <div className="stack">
          {account.health.map((health) => (
            <HealthPanel key={health.pool} health={health} />
          ))}
          <ScoreHistoryPanel account={account} />
          <Panel title="Recent events" note="the newest 50 at most">
            {account.recentEvents.length === 0 ? (
              <Empty>None.</Empty>
            ) : (
              <AccountEvents rows={account.recentEvents} />
            )}
          </Panel>
        </div>
      </div>
      <AlertDrawer alert={open} onClose={() => setOpen(null)} />
    </>
  )
}

function AccountHead({ account }: { account: AccountRisk }) {
  return (
    <section className="panel headline" aria-label="Account">
      <h1 className="account-title">
        <span className="mono clip">{account.address}</span>
      </h1>
      <span className="soft">
        <Hash value={account.address} what="address" /> on <ChainName chainId={account.chainId} />, first seen{' '}
        <Ago time={account.firstSeen} />
      </span>
      {!account.complete && (
        <Alert color="yellow" variant="light" mt="md" title="This account is known only in part">
          {chainText(
            account.incompleteReason ?? 'Some of its positions began before the first indexed block.',
            300,
          )}{' '}
          Positions that are not fully known get no health factor, score, alert or oracle value.
        </Alert>
      )}
    </section>
  )
}

function HealthPanel({ health }: { health: PositionHealthRow }) {
  return (
    <Panel title="Health" note={`${chainText(health.protocol)} at block ${count(health.height)}`}>
      <div style={{ marginBottom: 12 }}>
        <HealthFactor value={health.healthFactor} />
      </div>
      <dl className="facts">
        <dt>Collateral</dt>
        <dd title={usdExact(health.collateralUsd)}>{usd(health.collateralUsd)}</dd>
        <dt>Debt</dt>
        <dd title={usdExact(health.debtUsd)}>{usd(health.debtUsd)}</dd>
        <dt>Bad debt</dt>
        <dd title={usdExact(health.badDebtUsd)}>{usd(health.badDebtUsd)}</dd>
        <dt>Loan to value</dt>
        <dd>{percent(health.ltv, true)}</dd>
        <dt>Liquidation threshold</dt>
        <dd>{percent(health.liquidationThreshold, true)}</dd>
        <dt>Nearest liquidation price</dt>
        <dd>
          <NearestPrice row={health} />
        </dd>
        <dt>As of</dt>
        <dd>
          {absolute(health.timestamp)} (<Ago time={health.timestamp} />)
        </dd>
      </dl>
    </Panel>
  )
}

function ScoreHistoryPanel({ account }: { account: AccountRisk }) {
  const models = [...new Set(account.scores.map((score) => score.modelName))]
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const model = chosen ?? models[0]
  const history = useScoreHistory(account.chainId, account.address, model)
  if (model === undefined) return null
  return (
    <Panel
      title="Score over time"
      note={modelWords(model).title}
      end={
        models.length > 1 && (
          <select
            className="choice"
            aria-label="Model"
            value={model}
            onChange={(event) => setChosen(event.currentTarget.value)}
          >
            {models.map((name) => (
              <option key={name} value={name}>
                {modelWords(name).title}
              </option>
            ))}
          </select>
        )
      }
    >
      {history.data === undefined ? (
        <Loading rows={4} />
      ) : history.data.length === 0 ? (
        <Empty>No history yet.</Empty>
      ) : (
        <ScoreHistoryChart points={history.data} />
      )}
    </Panel>
  )
}

function noScoreWords(account: AccountRisk): string {
  if (!account.complete) return 'No score, because the account’s history is not fully known (see above).'
  return 'No model has scored this account yet: scoring runs every few blocks, and a model stays silent where it lacks inputs.'
}

function UnknownAccount({ chainId, address }: { chainId: number; address: string }) {
  const others = useChains().filter((chain) => chain.chainId !== chainId)
  return (
    <section className="panel">
      <h1>Not seen here</h1>
      <p className="clip">
        <span className="mono">{address}</span> has taken part in nothing indexed on{' '}
        <ChainName chainId={chainId} />.
      </p>
      {others.length > 0 && (
        <p>
          Look on{' '}
          {others.map((chain, index) => (
            <span key={chain.chainId}>
              {index > 0 && ', '}
              <a href={href(['account', chain.chainId, address])}>{chainText(chain.name)}</a>
            </span>
          ))}
          .
        </p>
      )}
      <Tag tone="none">{`Chain ${chainId}`}</Tag>
    </section>
  )
}
