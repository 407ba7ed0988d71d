// Written by `litestar assets types` from the app's routes. Your changes will be lost.
import { query, route } from 'litestar-vite/route'

/** 'account.destroy' */
export const accountDestroy = route('/settings/account', 'delete')
/** 'appearance' */
export const appearance = route('/settings/appearance', 'get', 'Settings/Appearance')
/** 'avatar.destroy' */
export const avatarDestroy = route('/settings/avatar', 'delete')
/** 'avatar.store' */
export const avatarStore = route('/settings/avatar', 'post')
/** 'avatars.show' */
export const avatarsShow = route('/avatars/{name:str}', 'get')
/** 'dashboard' */
export const dashboard = route('/dashboard', 'get', 'Dashboard')
/** 'login' */
export const login = route('/login', 'get', 'Auth/Login')
/** 'login.store' */
export const loginStore = route('/login', 'post')
/** 'logout' */
export const logout = route('/logout', 'post')
/** 'password.email' */
export const passwordEmail = route('/forgot-password', 'post')
/** 'password.forgot' */
export const passwordForgot = route('/forgot-password', 'get', 'Auth/ForgotPassword')
/** 'password.reset' */
export const passwordReset = route('/reset-password/{token:str}', 'get', 'Auth/ResetPassword')
/** 'password.store' */
export const passwordStore = route('/reset-password', 'post')
/** 'profile' */
export const profile = route('/settings/profile', 'get', 'Settings/Profile')
/** 'profile.update' */
export const profileUpdate = route('/settings/profile', 'put')
/** 'projects.destroy' */
export const projectsDestroy = route('/projects/{project_id:int}', 'delete')
/** 'projects.index' */
export const projectsIndex = route('/projects', 'get', 'Projects/Index', query<{
  page?: number
  search?: string
  sort?: string
  status?: string
}>())
/** 'projects.store' */
export const projectsStore = route('/projects', 'post')
/** 'projects.update' */
export const projectsUpdate = route('/projects/{project_id:int}', 'put')
/** 'register' */
export const register = route('/register', 'get', 'Auth/Register')
/** 'register.store' */
export const registerStore = route('/register', 'post')
/** 'security' */
export const security = route('/settings/security', 'get', 'Settings/Security')
/** 'security.password' */
export const securityPassword = route('/settings/password', 'put')
/** 'security.recovery-codes' */
export const securityRecoveryCodes = route('/settings/two-factor/recovery-codes', 'post')
/** 'security.two-factor.confirm' */
export const securityTwoFactorConfirm = route('/settings/two-factor/confirm', 'post')
/** 'security.two-factor.start' */
export const securityTwoFactorStart = route('/settings/two-factor', 'post')
/** 'security.two-factor.stop' */
export const securityTwoFactorStop = route('/settings/two-factor', 'delete')
/** 'terms' */
export const terms = route('/terms', 'get', 'Terms')
/** 'two-factor.challenge' */
export const twoFactorChallenge = route('/two-factor-challenge', 'get', 'Auth/TwoFactorChallenge')
/** 'two-factor.login' */
export const twoFactorLogin = route('/two-factor-challenge', 'post')
/** 'verification.notice' */
export const verificationNotice = route('/verify-email', 'get', 'Auth/VerifyEmail')
/** 'verification.send' */
export const verificationSend = route('/verify-email', 'post')
/** 'verification.verify' */
export const verificationVerify = route('/verify-email/{token:str}', 'get')
/** 'welcome' */
export const welcome = route('/', 'get', 'Welcome')
