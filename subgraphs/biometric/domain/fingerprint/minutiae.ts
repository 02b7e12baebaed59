/**
 * Minutiae: where the ridges of a fingertip end or fork. In: points from a capture device or a record. Out: one template, seven
 * bytes a minutia. It refuses points off the sensor, and more than a fingertip can have.
 */
export const minutiaTypes = ['OTHER', 'ENDING', 'BIFURCATION'] as const

export type MinutiaType = (typeof minutiaTypes)[number]

export interface Minutia {
  /** Pixels at 500 dpi from the left. */
  readonly x: number
  /** Pixels at 500 dpi from the top. */
  readonly y: number
  /** Radians, counter-clockwise from the right as one looks at it, 0 to below 2 pi. */
  readonly direction: number
  readonly type: MinutiaType
}

/** A record's view counts its minutiae in one byte (ISO/IEC 19794-2:2005, 7.4.2.5). */
export const MOST_MINUTIAE = 255

/** Coordinates have 14 bits in a record. */
export const LARGEST_COORDINATE = 16_383

/** Bytes of a template that each minutia has. */
export const TEMPLATE_BYTES_OF_MINUTIA = 7

const BYTES = TEMPLATE_BYTES_OF_MINUTIA
const FULL_TURN = 2 * Math.PI
const ANGLE_STEPS = 65_536

/** Why these are no minutiae of a finger, for a person; null when they are. Repeats no value. */
export function minutiaeFault(minutiae: readonly Minutia[]): string | null {
  if (minutiae.length === 0) return 'must have at least one minutia'
  if (minutiae.length > MOST_MINUTIAE) return `must have at most ${MOST_MINUTIAE} minutiae, not ${minutiae.length}`
  const outside = minutiae.findIndex(({ x, y }) => !isCoordinate(x) || !isCoordinate(y))
  if (outside !== -1) {
    return `must have whole coordinates from 0 to ${LARGEST_COORDINATE} only: those of minutia ${outside} are not`
  }
  const turned = minutiae.findIndex(({ direction }) => !(direction >= 0 && direction < FULL_TURN))
  if (turned !== -1) return `must have directions from 0 to below 360 degrees only: that of minutia ${turned} is not`
  const places = new Set(minutiae.map(({ x, y }) => x * (LARGEST_COORDINATE + 1) + y))
  if (places.size < minutiae.length) return 'must not have two minutiae at one place'
  return null
}

function isCoordinate(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= LARGEST_COORDINATE
}

/**
 * The minutiae as bytes, by place from top left: a sample gives the same bytes in whatever order its minutiae came. A
 * direction is kept to 1/182 of a degree.
 */
export function encodeMinutiae(minutiae: readonly Minutia[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(minutiae.length * BYTES))
  const ordered = [...minutiae].sort((left, right) => left.y - right.y || left.x - right.x)
  ordered.forEach(({ x, y, direction, type }, index) => {
    view.setUint16(index * BYTES, x)
    view.setUint16(index * BYTES + 2, y)
    view.setUint16(index * BYTES + 4, Math.round((direction / FULL_TURN) * ANGLE_STEPS) % ANGLE_STEPS)
    view.setUint8(index * BYTES + 6, minutiaTypes.indexOf(type))
  })
  return new Uint8Array(view.buffer)
}

/** The minutiae of a template. Throws RangeError for bytes that are none. */
export function decodeMinutiae(template: Uint8Array): Minutia[] {
  if (template.length % BYTES !== 0) throw new RangeError('A template of minutiae has seven bytes for each.')
  const view = new DataView(template.buffer, template.byteOffset, template.byteLength)
  return Array.from({ length: template.length / BYTES }, (_, index) => {
    const type = minutiaTypes[view.getUint8(index * BYTES + 6)]
    if (type === undefined) throw new RangeError('A template of minutiae has types 0 to 2.')
    return {
      x: view.getUint16(index * BYTES),
      y: view.getUint16(index * BYTES + 2),
      direction: (view.getUint16(index * BYTES + 4) / ANGLE_STEPS) * FULL_TURN,
      type,
    }
  })
}
