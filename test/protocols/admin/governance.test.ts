/** Timelocks, governors and Safe wallets: who may, who asked, what waits. Encoded by viem, dynamic arguments included. */
import { encodeFunctionData, parseAbi } from 'viem'
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../../src/chains/registry'
import type { Hex } from '../../../src/chains/types'
import { ALICE, BOB, CAROL, eventLog, factsUnder } from '../../support/event-logs'
import { STRANGER } from '../../support/logs'

const ethereum = CHAINS.ethereum!
const ID: Hex = `0x${'1d'.repeat(32)}`
const acts = (...events: [string, Record<string, unknown>][]) =>
  factsUnder(ethereum, ...events.map(([event, args]) => eventLog(STRANGER, event, args))).map((fact) => {
    if (fact.table !== 'admin_action') throw new Error(fact.table)
    expect(fact).toMatchObject({ target: STRANGER, verified: false })
    return { kind: fact.kind, actor: fact.actor, detail: fact.detail }
  })
const upgrade = encodeFunctionData({ abi: parseAbi(['function upgradeTo(address)']), args: [CAROL] })
const one = (event: string, args: Record<string, unknown>) => acts([event, args])[0]!

describe('timelocks', () => {
  it('of OpenZeppelin: calls scheduled, executed, cancelled, and their delay', () => {
    const call = { id: ID, index: 2n, target: ALICE, value: 5n, data: upgrade }
    const detail = { id: ID, index: '2', target: ALICE, valueWei: '5', selector: '0x3659cfe6' }
    expect(
      acts(
        [
          'event CallScheduled(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data, bytes32 predecessor, uint256 delay)',
          { ...call, predecessor: ID, delay: 86_400n },
        ],
        [
          'event CallExecuted(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data)',
          { ...call, data: '0x' },
        ],
        ['event Cancelled(bytes32 indexed id)', { id: ID }],
        [
          'event MinDelayChange(uint256 oldDuration, uint256 newDuration)',
          { oldDuration: 9n, newDuration: 1n },
        ],
      ),
    ).toEqual([
      { kind: 'timelockScheduled', actor: null, detail: { ...detail, delaySec: '86400' } },
      { kind: 'timelockExecuted', actor: null, detail: { ...detail, selector: '0x' } },
      { kind: 'timelockCancelled', actor: null, detail: { id: ID } },
      { kind: 'timelockDelayChanged', actor: null, detail: { previous: '9', next: '1' } },
    ])
  })

  it('of Compound: by signature where there is one, else by selector; its admins and delay', () => {
    const event = (name: string) =>
      `event ${name}(bytes32 indexed txHash, address indexed target, uint256 value, string signature, bytes data, uint256 eta)`
    const call = { txHash: ID, target: ALICE, value: 0n, data: upgrade, eta: 99n }
    const detail = { id: ID, target: ALICE, valueWei: '0', etaSec: '99' }
    expect(
      acts(
        [event('QueueTransaction'), { ...call, signature: 'setPendingAdmin(address)' }],
        [event('ExecuteTransaction'), { ...call, signature: '' }],
        [event('CancelTransaction'), { ...call, signature: 'x'.repeat(5_000) }],
        ['event NewAdmin(address indexed newAdmin)', { newAdmin: BOB }],
        ['event NewPendingAdmin(address indexed newPendingAdmin)', { newPendingAdmin: CAROL }],
        ['event NewDelay(uint256 indexed newDelay)', { newDelay: 7n }],
      ),
    ).toEqual([
      {
        kind: 'timelockScheduled',
        actor: null,
        detail: { ...detail, signature: 'setPendingAdmin(address)' },
      },
      { kind: 'timelockExecuted', actor: null, detail: { ...detail, selector: '0x3659cfe6' } },
      { kind: 'timelockCancelled', actor: null, detail: { ...detail, signature: 'x'.repeat(100) } },
      { kind: 'timelockAdminChanged', actor: BOB, detail: { newAdmin: BOB } },
      { kind: 'timelockAdminProposed', actor: CAROL, detail: { newPendingAdmin: CAROL } },
      { kind: 'timelockDelayChanged', actor: null, detail: { next: '7' } },
    ])
  })
})

describe('governors', () => {
  const PROPOSAL =
    'event ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[] values, string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description)'
  const proposal = (targets: Hex[], description: string) =>
    one(PROPOSAL, {
      proposalId: 77n,
      proposer: ALICE,
      targets,
      values: targets.map(() => 0n),
      signatures: targets.map(() => ''),
      calldatas: targets.map(() => upgrade),
      voteStart: 10n,
      voteEnd: 20n,
      description,
    })

  it('proposals are their proposer’s, and only their first line and targets are kept', () => {
    expect(proposal([BOB, CAROL], '# Raise the cap\nBecause …')).toEqual({
      kind: 'proposalCreated',
      actor: ALICE,
      detail: {
        proposalId: '77',
        proposer: ALICE,
        calls: '2',
        targets: `${BOB} ${CAROL}`,
        voteStart: '10',
        voteEnd: '20',
        title: '# Raise the cap',
      },
    })
    const huge = proposal(
      Array.from({ length: 500 }, () => BOB),
      'ü'.repeat(50_000),
    )
    expect(huge.detail).toMatchObject({
      calls: '500',
      targets: Array(4).fill(BOB).join(' '),
      title: 'ü'.repeat(80),
    })
    expect(proposal([], `x${'ü'.repeat(100)}`).detail).toMatchObject({
      calls: '0',
      title: `x${'ü'.repeat(79)}`,
    })
  })

  it('go on to be queued, executed or cancelled, under rules that may change', () => {
    const both = (name: string) => `event ${name}(uint256 previous, uint256 next)`
    const change = { previous: 3n, next: 4n }
    const facts = acts(
      ['event ProposalQueued(uint256 proposalId, uint256 eta)', { proposalId: 77n, eta: 5n }],
      ['event ProposalExecuted(uint256 proposalId)', { proposalId: 77n }],
      ['event ProposalCanceled(uint256 proposalId)', { proposalId: 77n }],
      [both('VotingDelaySet'), change],
      [both('VotingPeriodSet'), change],
      [both('ProposalThresholdSet'), change],
      [both('QuorumNumeratorUpdated'), change],
      ['event TimelockChange(address before, address next)', { before: BOB, next: CAROL }],
    )
    expect(facts.map(({ kind }) => kind)).toEqual([
      'proposalQueued',
      'proposalExecuted',
      'proposalCanceled',
      'votingDelayChanged',
      'votingPeriodChanged',
      'proposalThresholdChanged',
      'quorumChanged',
      'governorTimelockChanged',
    ])
    expect(facts[0]?.detail).toEqual({ proposalId: '77', etaSec: '5' })
    expect(facts[3]?.detail).toEqual({ previous: '3', next: '4' })
    expect(facts[7]?.actor).toBe(CAROL)
  })
})

describe('Safe wallets', () => {
  it.each(['', 'indexed '])('say who may sign and what acts unsigned, %sargument', (indexed) => {
    const event = (name: string) => `event ${name}(address ${indexed}account)`
    const names = ['AddedOwner', 'RemovedOwner', 'EnabledModule', 'DisabledModule', 'ChangedGuard']
    const facts = acts(
      ...names.map((name): [string, Record<string, unknown>] => [event(name), { account: BOB }]),
    )
    expect(facts.map(({ kind, actor }) => [kind, actor])).toEqual([
      ['safeOwnerAdded', BOB],
      ['safeOwnerRemoved', null],
      ['safeModuleEnabled', BOB],
      ['safeModuleDisabled', null],
      ['safeGuardChanged', null],
    ])
    for (const { detail } of facts) expect(detail).toEqual({ account: BOB })
    expect(one('event ChangedThreshold(uint256 threshold)', { threshold: 1n })).toMatchObject({
      kind: 'safeThresholdChanged',
      detail: { threshold: '1' },
    })
    expect(one(event('ChangedFallbackHandler'), { account: BOB }).kind).toBe('safeFallbackHandlerChanged')
  })
})
