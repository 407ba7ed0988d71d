import { type FormEvent, useEffect, useState } from 'react'
import { createTask, deleteTask, listTasks, type Task } from './api'

export function Tasks() {
  const [tasks, setTasks] = useState<Task[]>()
  const [problem, setProblem] = useState('')

  const run = (action: Promise<unknown>) =>
    action
      .then(listTasks)
      .then((found) => {
        setTasks(found)
        setProblem('')
      })
      .catch((error: unknown) => setProblem(String(error)))

  useEffect(() => void run(Promise.resolve()), [])

  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const title = String(new FormData(form).get('title'))
    void run(createTask(title).then(() => form.reset()))
  }

  return (
    <>
      <h1>Tasks</h1>
      <form onSubmit={add}>
        <label>
          New task <input name="title" required maxLength={100} autoComplete="off" />
        </label>
        <button>Add</button>
      </form>
      {problem && <p role="alert">{problem}</p>}
      {tasks === undefined ? (
        <p>Loading…</p>
      ) : (
        <ul>
          {tasks.map((task) => (
            <li key={task.id}>
              {task.title}
              <button type="button" aria-label={`Delete ${task.title}`} onClick={() => void run(deleteTask(task.id))}>
                ✕
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
