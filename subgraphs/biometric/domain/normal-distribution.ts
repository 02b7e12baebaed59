/**
 * The probability that a standard normal variable is at least z, about 14 correct digits, in the far tail too. Near the middle by
 * the series of the error function (NIST DLMF 7.6.2), beyond by the continued fraction of its complement (DLMF 7.9.3).
 */
export function normalTail(z: number): number {
  if (z > 38) return 0 // less than a double can hold
  if (z < 0) return 1 - normalTail(-z)
  return z < 3 ? 0.5 - density(z) * series(z) : density(z) * fraction(z)
}

function density(z: number): number {
  return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
}

/** z + z^3/3 + z^5/(3 5) + ...: the area from 0 to z over the density at z. */
function series(z: number): number {
  let term = z
  let sum = z
  for (let k = 3; term > sum * 1e-17; k += 2) {
    term *= (z * z) / k
    sum += term
  }
  return sum
}

/** Mills' ratio: the area beyond z over the density at z, as 1/(z + 1/(z + 2/(z + 3/(z + ...)))): at 3 a hundred terms settle it. */
function fraction(z: number): number {
  let value = z
  for (let k = Math.ceil(20 + 900 / (z * z)); k >= 1; k -= 1) value = z + k / value
  return 1 / value
}
