/** `chainStatus` subscription: the state of every chain at first, then a chain whenever something was indexed. */
import type { Topic } from '../schema'
import { CHAIN_SDL } from './chain-row'

export const chainStatusTopic: Topic = {
  typeDefs: /* GraphQL */ `
    ${CHAIN_SDL}
    extend type Subscription {
      "Every chain, again after each batch. A slow subscriber skips to the newest."
      chainStatus: ChainStatus!
    }
  `,
  resolvers: {},
  subscriptions: {
    chainStatus: (_source, _args, { feed, request }) => feed.chains(request?.signal),
  },
}
