// What the bundles look for that a bare JavaScript engine does not have.
globalThis.self ??= globalThis
globalThis.process ??= { env: { NODE_ENV: "production" }, nextTick: (run) => Promise.resolve().then(run) }
globalThis.console ??= { log() {}, warn() {}, error() {}, info() {}, debug() {} }
globalThis.queueMicrotask ??= (run) => void Promise.resolve().then(run)
globalThis.setTimeout ??= (run) => (queueMicrotask(run), 0)
globalThis.setInterval ??= () => 0
globalThis.clearTimeout ??= () => {}
globalThis.clearInterval ??= () => {}
globalThis.setImmediate ??= globalThis.setTimeout
globalThis.performance ??= { now: () => Date.now() }
globalThis.TextEncoder ??= class {
  encode(text) {
    return Uint8Array.from(unescape(encodeURIComponent(text)), (character) => character.charCodeAt(0))
  }
}
globalThis.TextDecoder ??= class {
  decode(bytes) {
    return decodeURIComponent(escape(String.fromCharCode(...bytes)))
  }
}
globalThis.MessageChannel ??= class {
  constructor() {
    this.port1 = {}
    this.port2 = { postMessage: () => queueMicrotask(() => this.port1.onmessage?.({})) }
  }
}
globalThis.AbortController ??= class {
  signal = { aborted: false, addEventListener() {}, removeEventListener() {} }
  abort() {}
}
globalThis.URL ??= class {
  constructor(path) {
    this.href = String(path)
    this.pathname = this.href.split(/[?#]/)[0]
    this.search = this.hash = this.origin = ""
    this.searchParams = new Map()
  }
  toString() {
    return this.href
  }
}
globalThis.URLSearchParams ??= Map
globalThis.Event ??= class {}
globalThis.CustomEvent ??= class {}
globalThis.EventTarget ??= class {}
globalThis.FormData ??= class {}
globalThis.File ??= class {}
globalThis.Blob ??= class {}
globalThis.FileList ??= class {}
