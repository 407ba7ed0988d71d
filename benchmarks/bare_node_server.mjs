// The floor of P7b: the example's own SSR bundle behind nothing but Node's HTTP server. `node bare_node_server.mjs <bundle> <unix path>`
import { createServer, Server } from "node:http"
import { pathToFileURL } from "node:url"

const [, , bundle, unixPath] = process.argv
// The bundle would open the official port by itself.
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
