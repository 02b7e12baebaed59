import { detCurve, type Trial } from './error-rates.js'

const [WIDTH, HEIGHT, MARGIN] = [640, 480, 56]
const COLOURS = ['#1b6ac9', '#c9481b', '#2a8f4d', '#8a3fb5', '#8a6d00', '#c21d6b']
const DECADES = [-5, -4, -3, -2, -1, 0]

/** DET curves as an SVG: FMR across, FNMR up, both as powers of ten; what was never seen is not drawn. */
export function plotDet(title: string, trials: ReadonlyMap<string, Trial>): string {
  const curves = [...trials].map(([name, trial], index) =>
    curve(name, trial, COLOURS[index % COLOURS.length] ?? '#000', index),
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${WIDTH / 2}" y="22" text-anchor="middle" font-size="15">${title}</text>`,
    ...DECADES.flatMap(grid),
    `<text x="${WIDTH / 2}" y="${HEIGHT - 12}" text-anchor="middle">false match rate</text>`,
    `<text x="16" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 16 ${HEIGHT / 2})">false non-match rate</text>`,
    ...curves,
    '</svg>',
    '',
  ].join('\n')
}

function grid(power: number): string[] {
  const [x, y] = [across(10 ** power), up(10 ** power)]
  const label = power === 0 ? '1' : `1e${power}`
  return [
    `<path d="M${x} ${MARGIN}V${HEIGHT - MARGIN}M${MARGIN} ${y}H${WIDTH - MARGIN}" stroke="#ddd"/>`,
    `<text x="${x}" y="${HEIGHT - MARGIN + 16}" text-anchor="middle">${label}</text>`,
    `<text x="${MARGIN - 6}" y="${y + 4}" text-anchor="end">${label}</text>`,
  ]
}

function curve(name: string, trial: Trial, colour: string, index: number): string {
  const seen = detCurve(trial).filter(
    ({ falseMatchRate, falseNonMatchRate }) => falseMatchRate > 0 && falseNonMatchRate > 0,
  )
  const points = seen.map((point) => `${across(point.falseMatchRate)},${up(point.falseNonMatchRate)}`)
  const y = MARGIN + 16 + 16 * index
  return [
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.join(' ')}"/>`,
    `<text x="${WIDTH - MARGIN - 8}" y="${y}" text-anchor="end" fill="${colour}">${name}</text>`,
  ].join('\n')
}

function across(rate: number): number {
  return round(MARGIN + (WIDTH - 2 * MARGIN) * place(rate))
}

function up(rate: number): number {
  return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * place(rate))
}

/** 0 at the lowest decade, 1 at a rate of 1. */
function place(rate: number): number {
  const lowest = DECADES[0] ?? -5
  return Math.max(0, 1 - Math.log10(rate) / lowest)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
