/// <reference lib="dom" />
/**
 * The nonce of the page's Content-Security-Policy, for code that adds styles in the browser.
 *
 * Inertia adds those of its progress bar and its error dialog: `createInertiaApp({ nonce: cspNonce() })`.
 */

/** Return the nonce that `ViteConfig.csp_nonce` gave the document; undefined without one, and on the server. */
export function cspNonce(): string | undefined {
  if (typeof document === "undefined") {
    return undefined
  }
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')
  // Browsers hide the attribute from scripts, and keep the property.
  return meta?.nonce || meta?.getAttribute("nonce") || undefined
}
