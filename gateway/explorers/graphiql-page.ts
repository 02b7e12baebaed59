import { createHash } from 'node:crypto'

export interface GraphiqlPage {
  readonly html: string
  /** Allows the page's one script by its hash, and nothing from elsewhere. */
  readonly policy: string
}

const WELCOME = `# Write an operation and press the button, or Ctrl-Enter. Subscriptions work here too.
# After signing in, put your token under Headers: { "Authorization": "Bearer ..." }

{
  contents(first: 3) {
    edges {
      node {
        title
      }
    }
  }
}
`

/**
 * GraphiQL with everything it needs in one page of about 9 MB, subscriptions over graphql-ws to the same path. Made on the
 * first visit: its code is only loaded then.
 */
export async function loadGraphiqlPage(graphqlPath: string): Promise<GraphiqlPage> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const html = renderGraphiQL({
    title: 'GraphiQL',
    endpoint: graphqlPath,
    subscriptionsProtocol: 'WS',
    defaultQuery: WELCOME,
  })
  const hash = createHash('sha256').update(scriptOf(html)).digest('base64')
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    'worker-src blob:',
    "style-src 'unsafe-inline'", // the editor sets styles on elements as it goes
    'img-src data:',
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return { html, policy }
}

/** The page holds one script, which holds the text of others: from the first opening to the last closing. */
function scriptOf(html: string): string {
  const opening = '<script>'
  return html.slice(html.indexOf(opening) + opening.length, html.lastIndexOf('</script>'))
}
