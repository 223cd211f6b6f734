/** Name, ways through the page, whether it is live, a search for an account, and light or dark. */
import {
  ActionIcon,
  Container,
  TextInput,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useLiveAlerts } from '../data/live-alerts'
import { href, navigate } from '../route'
import { useChains } from './chains'
import { MoonIcon, PlimsollMark, SunIcon } from './icons'

const links = [
  { page: '', label: 'At risk now' },
  { page: 'positions', label: 'Positions' },
  { page: 'alerts', label: 'Alerts' },
]

export function Masthead({ page }: { page: string }) {
  const { connected } = useLiveAlerts()
  return (
    <div className="masthead">
      <Container size={1440} component="header" className="masthead-inner">
        <a className="wordmark" href={href([])} aria-label="Plimsoll, first page">
          <PlimsollMark line="#e09a2b" />
          Plimsoll
        </a>
        <nav aria-label="Pages">
          {links.map((link) => (
            <a
              key={link.page}
              href={href(link.page === '' ? [] : [link.page])}
              aria-current={page === link.page ? 'page' : undefined}
            >
              {link.label}
            </a>
          ))}
        </nav>
        <FindAccount />
        <span className="live" role="status">
          <span className="lamp" data-on={connected} aria-hidden="true" />
          {connected ? 'Live' : 'Connecting'}
        </span>
        <SchemeSwitch />
      </Container>
    </div>
  )
}

/** Opens an account by its address, on the first chain unless the address is written `chainId:0x…`. */
function FindAccount() {
  const chains = useChains()
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState(false)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const [, chain, address] = /^(?:(\d{1,10}):)?(0x[0-9a-f]{40})$/i.exec(text.trim()) ?? []
    const chainId = chain ?? chains[0]?.chainId
    setWrong(address === undefined || chainId === undefined)
    if (address === undefined || chainId === undefined) return
    setText('')
    navigate(href(['account', chainId, address.toLowerCase()]))
  }
  return (
    <form onSubmit={submit} className="find">
      <TextInput
        size="xs"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setWrong(false)
        }}
        placeholder="Find account 0x…"
        aria-label="Find an account by address"
        error={wrong ? 'An address is 0x and 40 hex digits.' : undefined}
        errorProps={{ c: '#ffb4ab' }}
      />
    </form>
  )
}

function SchemeSwitch() {
  const scheme = useComputedColorScheme('light')
  const { setColorScheme } = useMantineColorScheme()
  const next = scheme === 'dark' ? 'light' : 'dark'
  return (
    <ActionIcon
      variant="transparent"
      c="#b9cfdc"
      onClick={() => setColorScheme(next)}
      aria-label={`Switch to ${next} colours`}
      title={`Switch to ${next} colours`}
    >
      {scheme === 'dark' ? <SunIcon /> : <MoonIcon />}
    </ActionIcon>
  )
}
