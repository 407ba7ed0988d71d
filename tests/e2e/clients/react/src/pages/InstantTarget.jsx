export default function InstantTarget({ data, auth }) {
  return <><h1>Instant target</h1><p id="data">{data ?? 'not here yet'}</p><p id="shared">{auth?.user}</p></>
}
