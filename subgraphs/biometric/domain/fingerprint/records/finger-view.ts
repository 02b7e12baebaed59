import type { Minutia } from '../minutiae.js'

/** One impression of one finger. */
export interface FingerView {
  /** 0 unknown, 1 to 5 right thumb to little finger, 6 to 10 left. */
  readonly position: number
  /** 0 to 100; null where the record says that it was not measured. */
  readonly quality: number | null
  /** At the record's own resolution. */
  readonly minutiae: readonly Minutia[]
  readonly widthPx: number
  readonly heightPx: number
  /** Pixels a centimetre: 197 is 500 dpi. */
  readonly resolution: { readonly x: number; readonly y: number }
}

/** 500 dpi, to the whole pixel a centimetre that records count in. */
export const STANDARD_RESOLUTION = 197

/** The minutiae of a view at 500 dpi, each at a place of its own, as a sensor of that resolution had seen them. */
export function minutiaeAt500Dpi({ minutiae, resolution }: FingerView): Minutia[] {
  const places = new Set<number>()
  return minutiae.flatMap((minutia) => {
    const x = Math.round((minutia.x * STANDARD_RESOLUTION) / resolution.x)
    const y = Math.round((minutia.y * STANDARD_RESOLUTION) / resolution.y)
    const place = y * 65_536 + x
    if (places.has(place)) return [] // told apart only by a finer sensor
    places.add(place)
    return [{ ...minutia, x, y }]
  })
}
