import { config } from 'zod'

// zod would try whether it may make code from text, which the page's policy forbids and reports. To be imported first.
config({ jitless: true })
