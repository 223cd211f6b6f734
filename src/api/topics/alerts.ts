/** `alerts` subscription: each new, updated or retracted alert, within a second of its commit. */
import type { Topic } from '../schema'
import { ALERT_SDL, SEVERITIES, type Severity } from './alert-row'

export const alertsTopic: Topic = {
  typeDefs: /* GraphQL */ `
    ${ALERT_SDL}
    extend schema { subscription: Subscription }
    type Subscription {
      "New, updated and retracted alerts. minSeverity leaves out what is below it."
      alerts(chainId: Int, minSeverity: Severity): AlertRow!
    }
  `,
  resolvers: {},
  subscriptions: {
    alerts(_source, args: { chainId?: number | null; minSeverity?: Severity | null }, { feed, request }) {
      const least = args.minSeverity ? SEVERITIES.indexOf(args.minSeverity) : 0
      const { chainId } = args
      return feed.alerts(
        (alert) =>
          (chainId === undefined || chainId === null || alert.chainId === chainId) &&
          SEVERITIES.indexOf(alert.severity) >= least,
        request?.signal,
      )
    },
  },
}
