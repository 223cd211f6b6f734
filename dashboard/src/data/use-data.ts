/** What the pages read, as react-query hooks. Live pages poll; polling stops while the page is hidden. */
import { keepPreviousData, QueryClient, useQuery } from '@tanstack/react-query'
import {
  accountQuery,
  alertsQuery,
  overviewQuery,
  positionsQuery,
  scoreHistoryQuery,
  systemicRiskQuery,
} from './queries'
import { request } from './request'
import type { AccountRisk, AlertRow, Overview, PositionHealthRow, Severity, SystemicRisk } from './types'

const liveMs = 2_000
const calmMs = 5_000
const slowMs = 30_000

/** `always`: the API may be on this machine, so being offline is no reason to pause. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { networkMode: 'always', retry: 1, retryDelay: 700, staleTime: 1_000 } },
  })
}

export function useOverview() {
  return useQuery({
    queryKey: ['overview'],
    queryFn: async ({ signal }) =>
      (await request<{ overview: Overview }>(overviewQuery, { limit: 10, points: 60 }, signal)).overview,
    refetchInterval: liveMs,
  })
}

/** Computed anew by the API at most every ten seconds. */
export function useSystemicRisk() {
  return useQuery({
    queryKey: ['systemicRisk'],
    queryFn: async ({ signal }) =>
      (await request<{ systemicRisk: SystemicRisk }>(systemicRiskQuery, {}, signal)).systemicRisk,
    refetchInterval: slowMs,
  })
}

export interface PositionFilter {
  chainId: number | null
  maxHealthFactor: number | null
  limit: number
  offset: number
}

export function usePositions(filter: PositionFilter) {
  return useQuery({
    queryKey: ['positions', filter],
    queryFn: async ({ signal }) =>
      (
        await request<{ positionHealth: { total: number; rows: PositionHealthRow[] } }>(
          positionsQuery,
          { ...filter },
          signal,
        )
      ).positionHealth,
    refetchInterval: calmMs,
    placeholderData: keepPreviousData,
  })
}

export function useAccount(chainId: number, address: string) {
  return useQuery({
    queryKey: ['account', chainId, address],
    queryFn: async ({ signal }) =>
      (await request<{ accountRisk: AccountRisk | null }>(accountQuery, { chainId, address }, signal))
        .accountRisk,
    refetchInterval: calmMs,
  })
}

export function useScoreHistory(chainId: number, address: string, model: string | undefined) {
  return useQuery({
    queryKey: ['scoreHistory', chainId, address, model],
    enabled: model !== undefined,
    queryFn: async ({ signal }) => {
      const variables = { chainId, address, model, points: 100 }
      const answer = await request<{ accountRisk: Pick<AccountRisk, 'scoreHistory'> | null }>(
        scoreHistoryQuery,
        variables,
        signal,
      )
      return answer.accountRisk?.scoreHistory ?? []
    },
    refetchInterval: calmMs,
  })
}

export interface AlertFilter {
  severity: Severity | null
  chainId: number | null
  limit: number
  offset: number
}

interface AlertsAnswer {
  alerts: (Omit<AlertRow, 'address'> & { account: { address: string } | null })[]
  alertsConnection: { totalCount: number }
}

export function useAlerts(filter: AlertFilter) {
  return useQuery({
    queryKey: ['alerts', filter],
    queryFn: async ({ signal }) => {
      const where = {
        ...(filter.severity === null ? {} : { severity_eq: filter.severity }),
        ...(filter.chainId === null ? {} : { chainId_eq: String(filter.chainId) }),
      }
      const { limit, offset } = filter
      const answer = await request<AlertsAnswer>(alertsQuery, { where, limit, offset }, signal)
      const rows: AlertRow[] = answer.alerts.map(({ account, ...alert }) => ({
        ...alert,
        chainId: Number(alert.chainId),
        address: account?.address ?? '',
      }))
      return { rows, total: answer.alertsConnection.totalCount }
    },
    refetchInterval: calmMs,
    placeholderData: keepPreviousData,
  })
}
