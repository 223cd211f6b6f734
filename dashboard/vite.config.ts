/**
 * Builds the page into dashboard/dist, which the API serves. Everything is bundled: the page asks no host but its own,
 * and runs under `script-src 'self'`. Charts are a chunk of their own, so that the numbers show before they load.
 * `npx vite dashboard` serves it for development and passes /graphql on to a running API (PLIMSOLL_API).
 */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const api = process.env.PLIMSOLL_API ?? 'http://127.0.0.1:4350'

export default defineConfig({
  base: './',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
    rollupOptions: {
      output: {
        manualChunks: (id) => {
          if (/node_modules\/(react|react-dom|scheduler)\//.test(id)) return 'react'
          if (/node_modules\/@mantine\/(core|hooks)\//.test(id)) return 'mantine'
          return undefined
        },
      },
    },
  },
  server: { proxy: { '/graphql': api, '/ready': api, '/health': api } },
})
