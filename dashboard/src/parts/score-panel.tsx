/** One score: the number, what it means, why, and everything needed to compute it again. */
import { Collapse, UnstyledButton } from '@mantine/core'
import { useId, useState } from 'react'
import type { ScoreRow } from '../data/types'
import { modelWords, reasonsMethodWords } from '../format/feature'
import { count, score as scoreText } from '../format/number'
import { chainText } from '../format/text'
import { absolute } from '../format/time'
import { Hash } from './hex'
import { Panel } from './panel'
import { ReasonsTable } from './reasons'
import { Ago } from './time'

const firstReasons = 6

export function ScorePanel({ score }: { score: ScoreRow }) {
  const model = modelWords(score.modelName)
  return (
    <Panel
      title={chainText(model.title, 60)}
      note={`model ${chainText(score.modelName)} ${chainText(score.modelVersion)}`}
    >
      <div className="score-head">
        <div>
          <span className="score-figure">{scoreText(score.value)}</span>
          <span className="soft"> of 1</span>
        </div>
        <div style={{ flex: 1, minWidth: 180 }}>
          <span className="meter wide" aria-hidden="true">
            <span style={{ width: `${Math.min(1, Math.max(0, score.value)) * 100}%` }} />
          </span>
          <span className="soft">{model.meaning} Higher is riskier.</span>
        </div>
      </div>
      <Reasons score={score} />
      <Provenance score={score} />
    </Panel>
  )
}

function Reasons({ score }: { score: ScoreRow }) {
  const [all, setAll] = useState(false)
  const reasons = all ? score.reasons : score.reasons.slice(0, firstReasons)
  return (
    <>
      <h3 className="minor">Why</h3>
      <ReasonsTable reasons={reasons} label="Reasons for the score" />
      <p className="soft" style={{ fontSize: '0.85rem', margin: '8px 0 0' }}>
        {reasonsMethodWords(score.reasonsMethod)}{' '}
        {score.reasons.length > firstReasons && (
          <UnstyledButton className="as-link" fz="inherit" onClick={() => setAll(!all)}>
            {all ? `Show the largest ${firstReasons}` : `Show all ${score.reasons.length} inputs`}
          </UnstyledButton>
        )}
      </p>
    </>
  )
}

function Provenance({ score }: { score: ScoreRow }) {
  const [open, setOpen] = useState(true)
  const id = useId()
  return (
    <>
      <h3 className="minor">
        <UnstyledButton
          fz="inherit"
          fw="inherit"
          onClick={() => setOpen(!open)}
          aria-expanded={open}
          aria-controls={id}
        >
          {open ? '▾' : '▸'} Where it comes from
        </UnstyledButton>
      </h3>
      <Collapse expanded={open} id={id}>
        <dl className="facts">
          <dt>Model</dt>
          <dd>
            {chainText(score.modelName)} {chainText(score.modelVersion)}
          </dd>
          <dt>ONNX SHA-256</dt>
          <dd>
            <Hash value={score.modelSha256} what="SHA-256 of the model" lead={14} />
          </dd>
          <dt>Feature hash</dt>
          <dd>
            <Hash value={score.featureHash} what="feature hash" lead={14} />
          </dd>
          <dt>Block</dt>
          <dd>
            {count(score.height)} · <Hash value={score.blockHash} what="block hash" />
          </dd>
          <dt>Block time</dt>
          <dd>
            {absolute(score.timestamp)} (<Ago time={score.timestamp} />)
          </dd>
        </dl>
      </Collapse>
    </>
  )
}
