/** Over so many topics the sockets are spread: with 10,000 sockets, each event has 100 receivers. */
export const TOPICS = 100
