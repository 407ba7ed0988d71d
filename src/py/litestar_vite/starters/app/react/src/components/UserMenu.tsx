import { Menu } from '@base-ui/react/menu'
import { Check, ChevronsUpDown, LogOut, Settings } from 'lucide-react'
import { router, usePage } from 'litestar-vite/react'
import { logout, profile } from '../generated/routes'
import { setTheme, type Theme } from '../lib/theme'
import { THEMES } from './ThemeSwitch'
import { Avatar } from './ui/Avatar'
import { useTheme } from './useTheme'

/** The logged-in user, with a menu for settings, theme and logout. */
export function UserMenu() {
  const user = usePage().props.auth.user
  const theme = useTheme()
  if (user === null) return null

  return (
    <Menu.Root>
      <Menu.Trigger className="flex w-full items-center gap-2.5 rounded-lg p-2 text-left hover:bg-sunken data-popup-open:bg-sunken">
        <Avatar name={user.name} url={user.avatar_url} className="size-8" />
        <span className="grid min-w-0 flex-1">
          <span className="truncate text-sm font-medium">{user.name}</span>
          <span className="truncate text-xs text-muted">{user.email}</span>
        </span>
        <ChevronsUpDown className="size-4 text-muted" aria-hidden />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner side="top" align="start" sideOffset={6} className="z-60">
          <Menu.Popup className="menu w-56">
            <Menu.Item className="menu-item" onClick={() => router.visit(profile())}>
              <Settings aria-hidden />
              Settings
            </Menu.Item>
            <Menu.Separator className="my-1 h-px bg-line" />
            <Menu.RadioGroup value={theme} onValueChange={(value: Theme) => setTheme(value)} aria-label="Theme">
              {THEMES.map(({ theme: value, label, Icon }) => (
                <Menu.RadioItem key={value} value={value} className="menu-item" closeOnClick={false}>
                  <Icon aria-hidden />
                  <span className="flex-1">{label}</span>
                  <Menu.RadioItemIndicator>
                    <Check aria-hidden />
                  </Menu.RadioItemIndicator>
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
            <Menu.Separator className="my-1 h-px bg-line" />
            <Menu.Item className="menu-item" onClick={() => router.visit(logout())}>
              <LogOut aria-hidden />
              Log out
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}
