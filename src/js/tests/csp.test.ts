import { afterEach, describe, expect, test, vi } from "vitest"

import { cspNonce } from "../src/csp.ts"

/** Stub a document that has a `<meta property="csp-nonce">` with these properties. */
function withMeta(meta: { nonce?: string; attribute?: string } | null) {
  const found = meta && { nonce: meta.nonce, getAttribute: (name: string) => (name === "nonce" ? meta.attribute : null) }
  vi.stubGlobal("document", {
    querySelector: (selector: string) => (selector === 'meta[property="csp-nonce"]' ? found : null),
  })
}

describe("cspNonce", () => {
  afterEach(() => vi.unstubAllGlobals())

  test("reads the property, which browsers keep", () => {
    withMeta({ nonce: "abc", attribute: "" })
    expect(cspNonce()).toBe("abc")
  })

  test("reads the attribute where the property is unknown", () => {
    withMeta({ attribute: "abc" })
    expect(cspNonce()).toBe("abc")
  })

  test("is undefined without a nonce, and on the server", () => {
    expect(cspNonce()).toBeUndefined()
    withMeta(null)
    expect(cspNonce()).toBeUndefined()
    withMeta({ nonce: "", attribute: "" })
    expect(cspNonce()).toBeUndefined()
  })
})
