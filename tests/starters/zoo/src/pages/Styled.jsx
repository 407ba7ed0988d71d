import './styled.css'

export default function Styled() {
  return <h1 className="styled">Styled</h1>
}
