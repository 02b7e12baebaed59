const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const OLDEST = '1900-01-01' // nobody alive was born before; the oldest person known to live was born in 1909

/** Whether the text is a day of the calendar (ISO 8601) on which somebody alive can have been born. */
export function isDateOfBirth(text: string, today: Date): boolean {
  if (!DATE.test(text)) return false
  const day = new Date(`${text}T00:00:00.000Z`)
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== text) return false
  return text >= OLDEST && text <= today.toISOString().slice(0, 10)
}

/** Full years lived, by the day in UTC. Whoever was born on the 29th of February turns a year older on the 1st of March in common years. */
export function ageOn(today: Date, dateOfBirth: string): number {
  const [year = '', ...day] = dateOfBirth.split('-')
  const [thisYear = '', ...thisDay] = today.toISOString().slice(0, 10).split('-')
  const years = Number(thisYear) - Number(year)
  return thisDay.join('-') < day.join('-') ? years - 1 : years
}
