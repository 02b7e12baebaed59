/** The least a Node server can do with a refused request: read the body, parse the JSON, answer. Its argument is as the others'. */
import { createServer } from 'node:http'

const { port } = JSON.parse(process.argv[2])
const answer = '{"data":{"me":{}},"errors":[{"message":"refused"}]}'

createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    try {
      JSON.parse(Buffer.concat(chunks).toString('utf8'))
    } catch {
      // refused like the rest
    }
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer)
  })
}).listen(port, '127.0.0.1')
