/**
 * The types of the app's pages for the front end. No run-time code.
 *
 * The generated `src/generated/pages.gen.d.ts` fills `Register`:
 *
 *     declare module 'litestar-vite/types' {
 *       interface Register { pages: Pages; shared: SharedProps }
 *     }
 *
 * Without it, every name and every prop is allowed.
 */

/** The app's pages and shared props. Extended by the generated file. */
// An empty interface, to be extended: an augmentation cannot extend a type.
// oxlint-disable-next-line no-empty-interface, no-empty-object-type
export interface Register {}

/** The props of each page by component name. */
export type Pages = Register extends { pages: infer All extends object } ? All : Record<string, Record<string, unknown>>

/** The props that every page receives. */
export type SharedProps = Register extends { shared: infer Shared extends object } ? Shared : Record<never, never>

/** A component that some handler renders. */
export type PageName = keyof Pages & string

/** All props of a page, shared ones included. */
export type PageProps<Page extends PageName> = Pages[Page] & SharedProps

/** The names of the props that may be missing: deferred, optional and once props. Unions are entered. */
export type OptionalKeys<Props> = Props extends unknown
  ? {
      [Key in keyof Props & string]-?: Record<never, never> extends Pick<Props, Key> ? Key : never
    }[keyof Props & string]
  : never

type Keys<Props> = Props extends unknown ? keyof Props & string : never

/** The values of `only`, `except` and `reset` for a page: its props, and paths into them such as `auth.user`. */
export type PropPath<Page extends PageName = PageName> = Page extends PageName
  ? Keys<PageProps<Page>> | `${Keys<PageProps<Page>>}.${string}`
  : never

/** Values of `<Deferred data>` and `<WhenVisible data>` for a page: props that may be missing, and paths into props. */
export type DeferredPath<Page extends PageName = PageName> = Page extends PageName
  ? OptionalKeys<PageProps<Page>> | `${Keys<PageProps<Page>>}.${string}`
  : never

/**
 * A component's own props, checked: an error if the page does not send props that the component requires.
 *
 *     function Show(props: Accepts<Props, PageProps<'Users/Show'>>)
 */
export type Accepts<Props, _Sent extends Props> = Props
