/** SQL that sets the feature at `place` (from 1) of a score's stored vector to an expression of `number`. */
export function setFeature(place: number, expression: string): string {
  return `features = (SELECT plimsoll_vector_bytes(array_agg(CASE WHEN n = ${place} THEN (${expression})::real ELSE number END ORDER BY n))
    FROM unnest(plimsoll_vector(features)) WITH ORDINALITY AS f (number, n))`
}
