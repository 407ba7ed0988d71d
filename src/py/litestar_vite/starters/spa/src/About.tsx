export function About() {
  return (
    <>
      <h1>About</h1>
      <p>
        This page has no route in Python. Reload it: the app serves <code>index.html</code> for every page that it does
        not know.
      </p>
    </>
  )
}
