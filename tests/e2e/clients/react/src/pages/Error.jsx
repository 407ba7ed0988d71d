export default function Error({ status }) {
  return <h1>Error {status}</h1>
}
