// Written by `litestar assets types` from the app's handlers. Your changes will be lost.
/* eslint-disable */

export interface Auth {
  user: AuthUser | null
}

export interface AuthUser {
  name: string
  email: string
  avatar_url: string | null
  is_verified: boolean
}

export interface AvatarForm {
  avatar: File | null
}

export interface ChangePasswordForm {
  current_password: string
  password: string
}

export interface CodeForm {
  code: string
}

export interface DueProject {
  id: number
  name: string
  status: 'planned' | 'active' | 'paused' | 'done'
  due_on: string
}

export interface Filters {
  search: string
  status: 'planned' | 'active' | 'paused' | 'done' | null
  sort: string
  page: number
}

export interface ForgotForm {
  email: string
}

export interface LoginForm {
  email: string
  password: string
}

export interface PasswordForm {
  password: string
}

export interface ProfileForm {
  name: string
  email: string
}

export interface ProjectForm {
  name: string
  status: 'planned' | 'active' | 'paused' | 'done'
  description: string
  due_on: string | null
}

export interface ProjectRow {
  id: number
  name: string
  description: string
  status: 'planned' | 'active' | 'paused' | 'done'
  due_on: string | null
  updated_at: string
}

export interface RegisterForm {
  name: string
  email: string
  password: string
}

export interface ResetForm {
  token: string
  password: string
}

export interface SecurityPage {
  has_two_factor: boolean
  recovery_codes_left: number
  setup: Setup | null
}

export interface Setup {
  secret: string
  qr_code: string
}

export interface StatusCount {
  status: 'planned' | 'active' | 'paused' | 'done'
  projects: number
}

/** The props of each page component. */
export interface Pages {
  /**
   * GET /forgot-password: backend.auth.password_reset.forgot (../../backend/auth/password_reset.py:36)
   */
  'Auth/ForgotPassword': {}
  /**
   * GET /login: backend.auth.login.show (../../backend/auth/login.py:32)
   */
  'Auth/Login': {}
  /**
   * GET /register: backend.auth.registration.show (../../backend/auth/registration.py:37)
   */
  'Auth/Register': {}
  /**
   * GET /reset-password/{token:str}: backend.auth.password_reset.show (../../backend/auth/password_reset.py:60)
   */
  'Auth/ResetPassword': {
    token: string
    is_valid: boolean
  }
  /**
   * GET /two-factor-challenge: backend.auth.two_factor.show (../../backend/auth/two_factor.py:37)
   */
  'Auth/TwoFactorChallenge': {}
  /**
   * GET /verify-email: backend.auth.registration.notice (../../backend/auth/registration.py:64)
   */
  'Auth/VerifyEmail': {
    email: string
  }
  /**
   * GET /dashboard: backend.dashboard.dashboard (../../backend/dashboard.py:36)
   */
  Dashboard: {
    counts: StatusCount[]
    due?: DueProject[] // defer
  }
  /**
   * InertiaConfig.error_page: backend.errors.error_page (../../backend/errors.py:11)
   */
  'Errors/Error': {
    status: number
  }
  /**
   * GET /projects: backend.projects.index (../../backend/projects.py:55)
   */
  'Projects/Index': {
    projects: ProjectRow[] // live
    total: number // live
    pages: number // live
    filters: Filters
  }
  /**
   * GET /settings/appearance: backend.account.profile.appearance (../../backend/account/profile.py:90)
   */
  'Settings/Appearance': {}
  /**
   * GET /settings/profile: backend.account.profile.show (../../backend/account/profile.py:35)
   */
  'Settings/Profile': {}
  /**
   * GET /settings/security: backend.account.security.show (../../backend/account/security.py:43)
   */
  'Settings/Security': SecurityPage
  /**
   * GET /terms: backend.dashboard.terms (../../backend/dashboard.py:64)
   */
  Terms: {}
  /**
   * GET /: backend.dashboard.welcome (../../backend/dashboard.py:30)
   */
  Welcome: {}
}

/** The props of every page. */
export interface SharedProps {
  site: string
  auth: Auth
}

/** Messages that are shown once. */
export interface FlashData {
  error?: string[]
  recovery_codes?: string[]
  success?: string[]
}

/** What forms send, by the name of their route. */
export interface Inputs {
  'account.destroy': PasswordForm
  'avatar.store': AvatarForm
  'login.store': LoginForm
  'password.email': ForgotForm
  'password.store': ResetForm
  'profile.update': ProfileForm
  'projects.store': ProjectForm
  'projects.update': ProjectForm
  'register.store': RegisterForm
  'security.password': ChangePasswordForm
  'security.recovery-codes': PasswordForm
  'security.two-factor.confirm': CodeForm
  'security.two-factor.start': PasswordForm
  'security.two-factor.stop': PasswordForm
  'two-factor.login': CodeForm
}

/** The props of a page and the shared ones: `PageProps<'Users/Show'>`. */
export type PageProps<C extends keyof Pages> = Pages[C] & SharedProps

declare module 'litestar-vite/types' {
  export interface Register {
    pages: Pages
    shared: SharedProps
  }
}

declare module '@inertiajs/core' {
  export interface InertiaConfig {
    sharedPageProps: Pick<SharedProps, keyof SharedProps>
    flashDataType: FlashData
    errorValueType: string
  }
}
//# sourceMappingURL=pages.gen.d.ts.map
