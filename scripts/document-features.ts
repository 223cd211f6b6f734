/** Writes docs/features.md from the feature groups. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { featuresDocument } from '../src/features/document'
import { FEATURE_GROUPS } from '../src/features/registry'
import { packageRoot } from '../src/package-root'

writeFileSync(join(packageRoot, 'docs/features.md'), featuresDocument(FEATURE_GROUPS))
