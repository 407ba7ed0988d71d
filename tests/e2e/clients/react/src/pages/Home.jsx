export default function Home({ client }) {
  return <h1>Home of {client}</h1>
}
