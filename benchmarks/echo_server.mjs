// The echo render server on Node's HTTP server, like every official render server: reads and parses a page, and returns
// a head and a body of fixed size. Usage: node echo_server.mjs <body bytes> <delay ms> [unix path]
import { createServer } from "node:http"

const [, , bodyBytes, delay, unixPath] = process.argv
const answer = Buffer.from(
  JSON.stringify({ head: ["<title>Bench</title>"], body: `<div id="app">${"x".repeat(Number(bodyBytes))}</div>` }),
)

const server = createServer((request, response) => {
  const chunks = []
  request.on("data", (chunk) => chunks.push(chunk))
  request.on("end", () => {
    JSON.parse(Buffer.concat(chunks).toString())
    const send = () => {
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": answer.length })
      response.end(answer)
    }
    if (Number(delay) > 0) setTimeout(send, Number(delay))
    else send()
  })
})
server.keepAliveTimeout = 60_000
server.listen(unixPath ? { path: unixPath } : { host: "127.0.0.1", port: 0 }, () => {
  console.log(unixPath ? 0 : server.address().port)
})
process.stdin.on("end", () => process.exit(0)).resume()
