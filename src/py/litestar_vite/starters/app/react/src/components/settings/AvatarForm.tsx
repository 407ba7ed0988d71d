import { Trash2, Upload } from 'lucide-react'
import { Link, useForm } from 'litestar-vite/react'
import { useEffect, useRef, useState } from 'react'
import type { AuthUser } from '../../generated/pages.gen'
import { avatarDestroy, avatarStore } from '../../generated/routes'
import { Avatar } from '../ui/Avatar'

/** Uploads a picture as soon as it is chosen, and shows the progress. */
export function AvatarForm({ user }: { user: AuthUser }) {
  const input = useRef<HTMLInputElement>(null)
  const form = useForm<{ avatar: File | null }>({ avatar: null })
  const [preview, setPreview] = useState<string | null>(null)
  useEffect(() => () => void (preview && URL.revokeObjectURL(preview)), [preview])

  function upload(file: File) {
    setPreview(URL.createObjectURL(file))
    form.transform(() => ({ avatar: file }))
    form.post(avatarStore.url(), {
      preserveScroll: true,
      onFinish: () => {
        setPreview(null)
        if (input.current) input.current.value = ''
      },
    })
  }

  return (
    <div className="flex flex-wrap items-center gap-x-5 gap-y-3">
      <Avatar name={user.name} url={preview ?? user.avatar_url} className="size-16" />
      <div className="grid gap-2">
        <div className="flex flex-wrap gap-2">
          <input
            ref={input}
            type="file"
            id="avatar"
            accept="image/png,image/jpeg,image/webp"
            aria-label="Picture"
            aria-describedby="avatar-error"
            className="sr-only"
            tabIndex={-1}
            onChange={({ target }) => target.files?.[0] && upload(target.files[0])}
          />
          <button type="button" className="btn" disabled={form.processing} onClick={() => input.current?.click()}>
            <Upload aria-hidden />
            {user.avatar_url ? 'Change' : 'Upload'}
          </button>
          {user.avatar_url && (
            <Link href={avatarDestroy()} as="button" preserveScroll className="btn btn-ghost">
              <Trash2 aria-hidden />
              Remove
            </Link>
          )}
        </div>
        {form.progress && (
          <progress
            aria-label="Upload"
            max={100}
            value={form.progress.percentage}
            className="h-1.5 w-48 overflow-hidden rounded-full [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent"
          />
        )}
        <p id="avatar-error" role="alert" className="text-sm text-danger-text empty:hidden">
          {form.errors.avatar}
        </p>
      </div>
    </div>
  )
}
