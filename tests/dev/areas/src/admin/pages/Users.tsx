export default function Users({ text }: { text: string }) {
  return <h1>Admin: {text}</h1>
}
