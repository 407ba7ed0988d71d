import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { About } from './About'
import { Tasks } from './Tasks'
import './app.css'

const PREFIX = import.meta.env.VITE_ROOT_PATH

/** The path of the page. A small router; replace it by React Router or TanStack Router when pages take parameters. */
function usePath(): [string, (path: string) => void] {
  const [path, setPath] = useState(location.pathname.slice(PREFIX.length) || '/')
  useEffect(() => {
    const follow = () => setPath(location.pathname.slice(PREFIX.length) || '/')
    addEventListener('popstate', follow)
    return () => removeEventListener('popstate', follow)
  }, [])
  return [
    path,
    (next) => {
      history.pushState(null, '', PREFIX + next)
      setPath(next)
    },
  ]
}

function App() {
  const [path, go] = usePath()
  const link = (to: string, label: string) => (
    <a
      href={PREFIX + to}
      aria-current={path === to ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return
        event.preventDefault()
        go(to)
      }}
    >
      {label}
    </a>
  )
  return (
    <>
      <nav aria-label="Main">
        {link('/', 'Tasks')}
        {link('/about', 'About')}
      </nav>
      <main>{path === '/' ? <Tasks /> : path === '/about' ? <About /> : <h1>This page does not exist</h1>}</main>
    </>
  )
}

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
