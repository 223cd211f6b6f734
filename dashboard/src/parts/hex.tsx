/** Addresses and hashes: short for the eye, whole in the hover and on the clipboard. */
import { ActionIcon, CopyButton, Tooltip } from '@mantine/core'
import { shortHex } from '../format/text'
import { href } from '../route'
import { CheckIcon, CopyIcon } from './icons'

/** A short hash with a button that copies the whole. `what` names it for screen readers. */
export function Hash({ value, what, lead = 10 }: { value: string; what: string; lead?: number }) {
  return (
    <span className="address">
      <span className="mono" title={value}>
        {shortHex(value, lead)}
      </span>
      <Copy value={value} what={what} />
    </span>
  )
}

/** A short address that leads to its account's page, with a button that copies it. */
export function AccountLink({ chainId, address }: { chainId: number; address: string }) {
  return (
    <span className="address">
      <a className="mono" href={href(['account', chainId, address])} title={address}>
        {shortHex(address)}
      </a>
      <Copy value={address} what="address" />
    </span>
  )
}

function Copy({ value, what }: { value: string; what: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : `Copy ${what}`} withArrow>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            onClick={copy}
            aria-label={copied ? 'Copied' : `Copy ${what} ${value}`}
          >
            {copied ? <CheckIcon /> : <CopyIcon />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}
