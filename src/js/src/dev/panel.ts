/// <reference lib="dom" />
/**
 * Shows lines at the bottom of the page, over its content, until they are gone or the panel is closed.
 *
 * Styles are set by script, since a Content-Security-Policy may forbid style elements.
 */
const NAME = "litestar-vite-problems"

const PANEL = `all: initial; position: fixed; inset: auto 0 0 0; z-index: 2147483646; display: flex; gap: 12px;
  align-items: flex-start; padding: 10px 14px; max-height: 40vh; overflow: auto; background: #2b1d0e; color: #ffd8a8;
  border-top: 3px solid #f59f00; font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  box-sizing: border-box; direction: ltr; text-align: left`
const LINES = "flex: 1; white-space: pre-wrap; overflow-wrap: anywhere"
const BUTTON = `all: initial; cursor: pointer; color: inherit; font: inherit; padding: 0 6px;
  border: 1px solid #f59f0080; border-radius: 4px`

let closed = ""

/** Show these lines instead of the previous ones. A closed panel opens again when the lines change. */
export function showProblems(lines: readonly string[]): void {
  document.querySelector(NAME)?.remove()
  const text = lines.join("\n")
  if (text === "" || text === closed) {
    return
  }
  closed = ""
  const host = document.createElement(NAME)
  const panel = styled("div", PANEL)
  panel.setAttribute("role", "status")
  const list = styled("div", LINES)
  list.textContent = text
  const button = styled("button", BUTTON)
  button.textContent = "×"
  button.setAttribute("aria-label", "Close")
  button.addEventListener("click", () => {
    closed = text
    host.remove()
  })
  panel.append(list, button)
  host.attachShadow({ mode: "open" }).append(panel)
  // Outside the body, which frameworks may render.
  document.documentElement.append(host)
}

function styled(tag: string, style: string): HTMLElement {
  const element = document.createElement(tag)
  element.style.cssText = style
  return element
}
