/** Entry of the page. */
import '@mantine/core/styles.css'
import './styles.css'
import './styles-lists.css'
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app'
import { LiveAlertsProvider } from './data/live-alerts'
import { createQueryClient } from './data/use-data'
import { theme } from './theme'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={createQueryClient()}>
        <LiveAlertsProvider>
          <App />
        </LiveAlertsProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
