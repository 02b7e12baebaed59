/** The Apollo Sandbox that lives on Apollo's servers, with this gateway's two endpoints wired in. */
export interface SandboxPageOptions {
  /** Path of GraphQL over HTTP and WebSocket. */
  readonly graphqlPath: string
  /** Where the page leads that works without the internet. */
  readonly offlinePath: string
  /** Allows this page's own script and style and no others. */
  readonly nonce: string
}

const CDN = 'https://embeddable-sandbox.cdn.apollographql.com'

/** What the page may load: its own nonce, Apollo's script and frame, this gateway. */
export function sandboxPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' ${CDN}`,
    `style-src 'nonce-${nonce}'`,
    'frame-src https://sandbox.embed.apollographql.com',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** The page. The stock landing page never passes the subscription endpoint, so this one stands in its place. */
export function renderSandboxPage({ graphqlPath, offlinePath, nonce }: SandboxPageOptions): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Apollo Sandbox</title>
    <style nonce="${nonce}">
      html, body, #sandbox { height: 100%; width: 100%; margin: 0; }
      #sandbox:empty { display: none; }
      #sandbox iframe { height: 100%; width: 100%; border: 0; }
      #offline { font: 1rem/1.5 system-ui, sans-serif; margin: 4rem auto; max-width: 40rem; }
    </style>
  </head>
  <body>
    <div id="sandbox"></div>
    <div id="offline" hidden>
      <p>Apollo Sandbox could not be loaded: it comes from the internet.</p>
      <p><a href="${offlinePath}">GraphiQL</a> is served by this gateway and works without.</p>
    </div>
    <script nonce="${nonce}" id="loader" src="${CDN}/v2/embeddable-sandbox.umd.production.min.js"></script>
    <script nonce="${nonce}">
      if (window.EmbeddedSandbox === undefined) document.getElementById('offline').hidden = false
      else {
        const endpoint = new URL(${JSON.stringify(graphqlPath)}, location.href)
        new window.EmbeddedSandbox({
          target: '#sandbox',
          initialEndpoint: endpoint.href,
          initialSubscriptionEndpoint: endpoint.href.replace(/^http/, 'ws'),
          runTelemetry: false,
        })
      }
    </script>
  </body>
</html>
`
}
