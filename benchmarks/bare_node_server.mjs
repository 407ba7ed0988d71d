// The floor of P7b: the example's SSR bundle behind Node's HTTP server.
// Usage: node bare_node_server.mjs <bundle> <unix path>
import { createServer, Server } from "node:http"
import { pathToFileURL } from "node:url"

const [, , bundle, unixPath] = process.argv
// Keep the bundle from opening the official port.
const { listen } = Server.prototype
Server.prototype.listen = function () {
  return this
}
const { default: render } = await import(pathToFileURL(bundle).href)
Server.prototype.listen = listen

const server = createServer((request, response) => {
  const chunks = []
  request.on("data", (chunk) => chunks.push(chunk))
  request.on("end", async () => {
    const answer = Buffer.from(JSON.stringify(await render(JSON.parse(Buffer.concat(chunks).toString()))))
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": answer.length })
    response.end(answer)
  })
})
server.keepAliveTimeout = 60_000
server.listen({ path: unixPath }, () => console.log("ready"))
process.stdin.on("end", () => process.exit(0)).resume()
