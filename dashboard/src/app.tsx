/** The frame around every page: masthead, notices that concern all of them, and the page that the route names. */
import { Container } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useOverview } from './data/use-data'
import { AccountPage } from './pages/account'
import { AlertsPage } from './pages/alerts'
import { OverviewPage } from './pages/overview'
import { PositionsPage } from './pages/positions'
import { Boundary } from './parts/boundary'
import { ChainsContext } from './parts/chains'
import { Masthead } from './parts/masthead'
import { ConnectionNotice } from './parts/notices'
import { href, type Route, useRoute } from './route'

const titles: Readonly<Record<string, string>> = {
  '': 'At risk now',
  positions: 'Positions',
  alerts: 'Alerts',
  account: 'Account',
}

export function App() {
  const route = useRoute()
  const overview = useOverview()
  const page = route.path[0] ?? ''
  const main = useRef<HTMLDivElement>(null)
  const place = route.path.join('/')

  useEffect(() => {
    document.title = `${titles[page] ?? 'Not found'} · Plimsoll`
  }, [page])
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new place starts at its top
  useEffect(() => {
    window.scrollTo(0, 0)
  }, [place])

  return (
    <ChainsContext value={overview.data?.chains ?? []}>
      <a
        className="skip"
        href={window.location.hash || '#/'}
        onClick={(event) => {
          event.preventDefault()
          main.current?.focus()
        }}
      >
        Skip to content
      </a>
      <Masthead page={page} />
      <Container size={1440} component="main" id="content" ref={main} tabIndex={-1} className="page">
        <ConnectionNotice query={overview} />
        <Boundary key={place} fallback={<PageFault />}>
          <Page route={route} />
        </Boundary>
      </Container>
      <Container size={1440} component="footer">
        <div className="foot">
          <span>Scores run from 0 to 1; higher is riskier.</span>
          <span>USD values use the prices the protocols themselves use. Hover a time for UTC.</span>
          <a href="/graphql">GraphQL</a>
        </div>
      </Container>
    </ChainsContext>
  )
}

function PageFault() {
  return (
    <section className="panel" role="alert">
      <h1>This page could not be drawn</h1>
      <p>
        The fault is in the page, not in the data. <a href="./">Load it again</a>
      </p>
    </section>
  )
}

function Page({ route }: { route: Route }) {
  const [page, chain, address] = route.path
  if (page === undefined) return <OverviewPage />
  if (page === 'positions') return <PositionsPage query={route.query} />
  if (page === 'alerts') return <AlertsPage query={route.query} />
  if (page === 'account' && /^\d{1,10}$/.test(chain ?? '') && /^0x[0-9a-f]{40}$/i.test(address ?? '')) {
    return (
      <AccountPage
        key={`${chain}:${address}`}
        chainId={Number(chain)}
        address={(address ?? '').toLowerCase()}
      />
    )
  }
  return (
    <section className="panel">
      <h1>No such page</h1>
      <p>
        The address leads nowhere. <a href={href([])}>What is at risk now</a>
      </p>
    </section>
  )
}
