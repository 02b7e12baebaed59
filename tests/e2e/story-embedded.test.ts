import { startSupergraph } from '../support/start-supergraph.js'
import { describeStory } from '../support/story-suite.js'

describeStory('embedded engines, in one process', async () => {
  const supergraph = await startSupergraph()
  return {
    url: supergraph.url,
    keySetUrl: `http://127.0.0.1:${supergraph.ports['auth']}/.well-known/jwks.json`,
    written: () => supergraph.written(),
    close: () => supergraph.close(),
  }
})
