import type { Minutia } from '../domain/fingerprint/minutiae.js'
import type { RandomSource } from './random-source.js'

/** How badly an impression is taken. Shares, pixels, degrees, pixels. */
export interface ImpressionLevel {
  readonly dropped: number
  readonly spurious: number
  readonly positionSd: number
  readonly angleSd: number
  readonly elastic: number
}

export const impressionLevels = {
  good: { dropped: 0.1, spurious: 0.1, positionSd: 1.5, angleSd: 4, elastic: 3 },
  medium: { dropped: 0.15, spurious: 0.15, positionSd: 2, angleSd: 5, elastic: 4 },
  hard: { dropped: 0.15, spurious: 0.15, positionSd: 2, angleSd: 5, elastic: 6 },
  poor: { dropped: 0.3, spurious: 0.3, positionSd: 3, angleSd: 8, elastic: 9 },
} satisfies Readonly<Record<string, ImpressionLevel>>

const WIDTH = 320
const HEIGHT = 420
const PIXELS_PER_MM = 500 / 25.4
const DENSITY = 0.22 // minutiae a square millimetre
const LEAST_DISTANCE = 9
const MARGIN = 120 // room around the window, so that a shifted impression stays on the sensor
const DEGREE = Math.PI / 180

/** A point with a direction, as real numbers. */
interface Feature {
  readonly x: number
  readonly y: number
  readonly direction: number
  readonly type: 'ENDING' | 'BIFURCATION'
}

/** The minutiae of a fingertip nobody has: Poisson points with the ridge direction of a loop, whorl or arch. */
export function syntheticFinger(random: RandomSource): readonly Feature[] {
  const ridges = ridgeField(random)
  const count = random.poisson((DENSITY * WIDTH * HEIGHT) / PIXELS_PER_MM ** 2)
  const features: Feature[] = []
  for (let tries = 0; features.length < count && tries < 50 * count; tries += 1) {
    const [x, y] = [random.uniform() * WIDTH, random.uniform() * HEIGHT]
    if (features.some((other) => Math.hypot(other.x - x, other.y - y) < LEAST_DISTANCE)) continue
    features.push(featureAt(x, y, ridges(x, y) + (random.uniform() < 0.5 ? Math.PI : 0), random))
  }
  return features
}

function featureAt(x: number, y: number, direction: number, random: RandomSource): Feature {
  return { x, y, direction, type: random.uniform() < 0.6 ? 'ENDING' : 'BIFURCATION' }
}

type Point = readonly [x: number, y: number]

/** The orientation of ridges by cores and deltas (Sherlock and Monro 1993): loops have one of each, whorls two, arches none. */
function ridgeField(random: RandomSource): (x: number, y: number) => number {
  const near = (x: number, y: number): Point => [x + 15 * random.normal(), y + 15 * random.normal()]
  const kind = random.uniform()
  const cores: Point[] = kind < 0.95 ? [near(160, 170)] : []
  const deltas: Point[] = kind < 0.95 ? [near(random.uniform() < 0.5 ? 70 : 250, 330)] : []
  if (kind < 0.3) {
    cores.push(near(160, 230))
    deltas.push(near(160, 360))
  }
  const around = (points: readonly Point[], x: number, y: number) =>
    points.reduce((sum, [px, py]) => sum + Math.atan2(py - y, x - px), 0)
  return (x, y) => Math.PI / 2 + (around(cores, x, y) - around(deltas, x, y)) / 2
}

/** One impression of a finger: minutiae lost and made up, moved, turned and stretched, cropped to what touched the sensor. */
export function impressionOf(finger: readonly Feature[], level: ImpressionLevel, random: RandomSource): Minutia[] {
  const kept = finger.filter(() => random.uniform() >= level.dropped)
  const made = Array.from({ length: random.poisson(level.spurious * finger.length) }, () =>
    featureAt(random.uniform() * WIDTH, random.uniform() * HEIGHT, random.uniform() * 2 * Math.PI, random),
  )
  const touches = contactOf(random)
  const stretch = stretchOf(level.elastic, random)
  const pose = poseOf(random)
  const seen = [...kept, ...made].filter(({ x, y }) => touches(x, y)).map((feature) => pose(stretch(jitter(feature))))
  const places = new Set<string>()
  return seen.flatMap((feature) => onSensor(feature, places))

  function jitter(feature: Feature): Feature {
    return {
      ...feature,
      x: feature.x + level.positionSd * random.normal(),
      y: feature.y + level.positionSd * random.normal(),
      direction: feature.direction + level.angleSd * DEGREE * random.normal(),
    }
  }
}

/** The ellipse of skin that touched. */
function contactOf(random: RandomSource): (x: number, y: number) => boolean {
  const [cx, cy] = [WIDTH / 2 + 10 * random.normal(), HEIGHT / 2 + 10 * random.normal()]
  const [rx, ry] = [WIDTH * (0.48 + 0.04 * random.uniform()), HEIGHT * (0.46 + 0.04 * random.uniform())]
  return (x, y) => ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1
}

/** Three slow sine waves along each axis, together of the given standard deviation in pixels. */
function stretchOf(elastic: number, random: RandomSource): (feature: Feature) => Feature {
  const wave = () => {
    const [kx, ky] = [random.normal() / WIDTH, random.normal() / HEIGHT]
    const phase = 2 * Math.PI * random.uniform()
    return (x: number, y: number) => Math.sqrt(2 / 3) * elastic * Math.sin(2 * Math.PI * (kx * x + ky * y) + phase)
  }
  const [along, across] = [
    [wave(), wave(), wave()],
    [wave(), wave(), wave()],
  ]
  const sum = (waves: readonly ((x: number, y: number) => number)[], x: number, y: number) =>
    waves.reduce((total, one) => total + one(x, y), 0)
  return (feature) => ({
    ...feature,
    x: feature.x + sum(along ?? [], feature.x, feature.y),
    y: feature.y + sum(across ?? [], feature.x, feature.y),
  })
}

function poseOf(random: RandomSource): (feature: Feature) => Feature {
  const angle = 10 * DEGREE * random.normal()
  const [sx, sy] = [22 * random.normal(), 22 * random.normal()]
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  return (feature) => {
    const [dx, dy] = [feature.x - WIDTH / 2, feature.y - HEIGHT / 2]
    return {
      ...feature,
      x: WIDTH / 2 + cos * dx + sin * dy + sx, // counter-clockwise as one looks at rows that count downwards
      y: HEIGHT / 2 - sin * dx + cos * dy + sy,
      direction: feature.direction + angle,
    }
  }
}

/** As a sensor gives it: whole pixels, no two at one place. */
function onSensor(feature: Feature, places: Set<string>): Minutia[] {
  const [x, y] = [Math.round(feature.x) + MARGIN, Math.round(feature.y) + MARGIN]
  const place = `${x},${y}`
  if (x < 0 || y < 0 || places.has(place)) return []
  places.add(place)
  const turns = feature.direction / (2 * Math.PI)
  return [{ x, y, direction: (turns - Math.floor(turns)) * 2 * Math.PI, type: feature.type }]
}
