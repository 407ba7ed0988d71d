export default function Detail({ number, visit }) {
  return <><h1>Detail {number}</h1><output id="visit">{visit}</output></>
}
