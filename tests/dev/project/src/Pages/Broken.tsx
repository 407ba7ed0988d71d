export default function Broken() {
  return <h1>{window.innerWidth}</h1>
}
