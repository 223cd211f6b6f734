/** Mantine's theme: system fonts only, a harbour blue, quiet radii. Tones of risk live in styles.css as variables. */
import { createTheme, type MantineColorsTuple } from '@mantine/core'

const harbour: MantineColorsTuple = [
  '#eaf4fa',
  '#d6e5ee',
  '#abcbde',
  '#7caecd',
  '#5697bf',
  '#3e88b7',
  '#2f7fb2',
  '#206c9c',
  '#125f8c',
  '#00527c',
]

/** Mantine's dark scale, turned towards deep water: [0] text … [7] body, [9] deepest. */
const dark: MantineColorsTuple = [
  '#dfe9ef',
  '#b4c5d0',
  '#8fa5b3',
  '#5d7686',
  '#304654',
  '#243844',
  '#162630',
  '#0d1820',
  '#0a131a',
  '#060c11',
]

const sans =
  '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif'
const mono =
  'ui-monospace, "SF Mono", "Cascadia Mono", "Roboto Mono", "Liberation Mono", "DejaVu Sans Mono", monospace'

export const theme = createTheme({
  primaryColor: 'harbour',
  primaryShade: { light: 8, dark: 4 },
  colors: { harbour, dark },
  fontFamily: sans,
  fontFamilyMonospace: mono,
  headings: { fontFamily: sans, fontWeight: '650' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
})
