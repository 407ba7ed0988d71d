export default function InstantHead({ data, auth }) {
  return <><h1>Instant head</h1><p id="data">{data ?? 'not here yet'}</p><p id="shared">{auth?.user}</p></>
}
