import { router } from '@inertiajs/react'
import { useEffect, useRef, useState } from 'react'
import { Icon } from './Icon'

const DEBOUNCE_MS = 250

interface SearchBoxProps {
  label: string
  value: string
  href: (query: string) => string
}

/** Searches on the server while the user types: the page keeps its state, and history gets a single entry. */
export function SearchBox({ label, value, href }: SearchBoxProps) {
  const [query, setQuery] = useState(value)
  const [searching, setSearching] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  // Back, forward and "Clear" change the value from outside. Text that is being typed is never overwritten.
  useEffect(() => {
    if (timer.current === undefined) setQuery(value)
  }, [value])

  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const typing = (event.target as Element).closest('input, textarea, select, dialog')
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      input.current?.focus()
    }
    document.addEventListener('keydown', focus)
    return () => {
      document.removeEventListener('keydown', focus)
      clearTimeout(timer.current)
    }
  }, [])

  function search(next: string) {
    clearTimeout(timer.current)
    timer.current = undefined
    router.get(href(next), {}, {
      only: ['contacts', 'filters'],
      preserveState: true,
      preserveScroll: true,
      replace: true,
      onStart: () => setSearching(true),
      onFinish: () => setSearching(false),
    })
  }

  function type(next: string) {
    setQuery(next)
    clearTimeout(timer.current)
    timer.current = setTimeout(search, DEBOUNCE_MS, next)
  }

  return (
    <form
      className="search"
      role="search"
      data-searching={searching || undefined}
      onSubmit={(event) => {
        event.preventDefault()
        search(query)
      }}
    >
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        name="q"
        aria-label={label}
        aria-keyshortcuts="/"
        placeholder={label}
        autoComplete="off"
        spellCheck={false}
        value={query}
        onChange={(event) => type(event.target.value)}
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
  )
}
