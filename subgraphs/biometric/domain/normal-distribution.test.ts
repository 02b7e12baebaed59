import { expect, it } from '@jest/globals'
import { normalTail } from './normal-distribution.js'

/** DLMF and R's pnorm(-z). */
const known: [number, number][] = [
  [0, 0.5],
  [1, 0.15865525393145705],
  [1.959963984540054, 0.025],
  [2.999999, 0.001349902463548],
  [3, 0.0013498980316300946],
  [4.753424308822899, 1e-6],
  [6, 9.86587645037698e-10],
  [10, 7.619853024160525e-24],
]

it.each(known)('the normal distribution has beyond %p sd %p', (z, tail) => {
  expect(normalTail(z) / tail).toBeCloseTo(1, 9)
  expect(normalTail(-z)).toBeCloseTo(1 - tail, 12)
})
