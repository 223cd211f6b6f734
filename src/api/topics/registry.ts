/** Topic fields beside the entities: one line a topic. Types that others extend come first. */
import type { Topic } from '../schema'
import { accountRiskTopic } from './account-risk'
import { alertsTopic } from './alerts'
import { chainStatusTopic } from './chain-status'
import { exposureGraphTopic } from './exposure-graph'
import { marketRiskTopic } from './market-risk'
import { modelsTopic } from './models'
import { overviewTopic } from './overview'
import { parameterRecommendationsTopic } from './parameter-recommendations'
import { positionHealthTopic } from './position-health'
import { scoreExplanationTopic } from './score-explanation'
import { stressTestTopic } from './stress-test'
import { systemicRiskTopic } from './systemic-risk'

export const TOPICS: readonly Topic[] = [
  alertsTopic,
  chainStatusTopic,
  positionHealthTopic,
  overviewTopic,
  accountRiskTopic,
  marketRiskTopic,
  modelsTopic,
  scoreExplanationTopic,
  stressTestTopic,
  exposureGraphTopic,
  systemicRiskTopic,
  parameterRecommendationsTopic,
]
