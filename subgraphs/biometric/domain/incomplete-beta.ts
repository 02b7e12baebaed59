/**
 * I_x(a, b), the regularised incomplete beta function: the probability that a Beta(a, b) variable is at most x. By its
 * continued fraction (NIST DLMF 8.17.22), evaluated after Lentz; about 13 correct digits, in the far tails as well. Throws
 * RangeError outside 0 <= x <= 1, a > 0, b > 0.
 */
export function regularisedIncompleteBeta(x: number, a: number, b: number): number {
  if (!(x >= 0 && x <= 1 && a > 0 && b > 0)) throw new RangeError('x must be from 0 to 1, a and b above 0.')
  if (x === 0 || x === 1) return x
  // the fraction converges quickly only below the mean; above it the symmetry I_x(a, b) = 1 - I_{1-x}(b, a) helps (8.17.4)
  if (x > (a + 1) / (a + b + 2)) return 1 - lowerTail(1 - x, b, a)
  return lowerTail(x, a, b)
}

function lowerTail(x: number, a: number, b: number): number {
  const logFront = a * Math.log(x) + b * Math.log1p(-x) - (logGamma(a) + logGamma(b) - logGamma(a + b))
  return (Math.exp(logFront) * continuedFraction(x, a, b)) / a
}

const TINY = 1e-300 // stands for a denominator of zero in Lentz's method
const MOST_TERMS = 10_000 // about sqrt(max(a, b)) are needed

function continuedFraction(x: number, a: number, b: number): number {
  let c = 1
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1))
  let value = d
  for (let m = 1; m <= MOST_TERMS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    for (const coefficient of [even, odd]) {
      d = 1 / awayFromZero(1 + coefficient * d)
      c = awayFromZero(1 + coefficient / c)
      value *= c * d
    }
    if (Math.abs(c * d - 1) < 1e-15) return value
  }
  throw new RangeError('The continued fraction did not converge.')
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI)

/** ln Gamma(z) for z > 0: Stirling's series (NIST DLMF 5.11.1), reached from small z by Gamma(z + 1) = z Gamma(z). */
export function logGamma(z: number): number {
  let shift = 0
  let w = z
  while (w < 12) {
    shift += Math.log(w) // twelve is where five terms of the series are exact in double precision
    w += 1
  }
  const u = 1 / (w * w)
  const series = (1 / 12 - u * (1 / 360 - u * (1 / 1260 - u * (1 / 1680 - u / 1188)))) / w
  return (w - 0.5) * Math.log(w) - w + HALF_LOG_TWO_PI + series - shift
}
