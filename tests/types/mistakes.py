"""Mistakes that the generated types must catch, in React, Vue and Svelte.

Each is one replacement in `Show.tsx`, `Show.vue` or `Show.svelte`, and a part of the expected message.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Mistake(NamedTuple):
    """A replacement in the right page.

    Attributes:
        name: The mistake.
        right: Text of the right page, which occurs once, or the texts by framework.
        wrong: The replacement, or the replacements by framework.
        message: A part of the error.
        at: Text in the line of the error, if it is another line.
    """

    name: str
    right: str | dict[str, str]
    wrong: str | dict[str, str]
    message: str
    at: str = ""

    def right_in(self, framework: str) -> str:
        return self.right if isinstance(self.right, str) else self.right[framework]

    def wrong_in(self, framework: str) -> str:
        return self.wrong if isinstance(self.wrong, str) else self.wrong[framework]


def by_framework(jsx: str, vue: str) -> dict[str, str]:
    """Return texts by framework. React and Svelte often share a line."""
    return {"react": jsx, "vue": vue, "svelte": jsx}


_SLOT_NAME: Final = by_framework("<i>{errors.name}", "<i>{{ errors.name }}")
_SLOT_TAGS: Final = by_framework("<i>{errors['tags.0']}", "<i>{{ errors['tags.0'] }}")
_FORM_NAME: Final = "form.errors.name"
_DEFERRED: Final = {
    "react": "<Deferred<'Contacts/Show'> data=\"activity\"",
    "vue": '<PageDeferred data="activity"',
    "svelte": '<PageDeferred data="activity"',
}
_ANY_DEFERRED: Final = by_framework("<Deferred data={['activity']}", "<Deferred :data=\"['activity']\"")
_RESET: Final = by_framework("resetOnSuccess={['name']}", ":reset-on-success=\"['name']\"")
_LINK: Final = by_framework(
    "<Link href={contactsShow({ contact_id: contact.id })} instant",
    '<Link :href="contactsShow({ contact_id: contact.id })" instant',
)


def changed(texts: dict[str, str], old: str, new: str) -> dict[str, str]:
    return {framework: text.replace(old, new) for framework, text in texts.items()}


MISTAKES: Final = [
    # Props
    Mistake(
        "unknown prop of the page", "page.props.contact.name", "page.props.contcat.name", "'contcat' does not exist"
    ),
    Mistake(
        "renamed prop",
        {
            "react": "Show({ contact, activity, auth, site }",
            "vue": "props.activity?.map",
            "svelte": "let { contact, activity, auth, site }",
        },
        {
            "react": "Show({ contact, activity, auths: auth, site }",
            "vue": "props.activities?.map",
            "svelte": "let { contact, activity, auths: auth, site }",
        },
        "does not exist on type",
    ),
    Mistake("unknown nested prop", "page.props.auth.user?.name", "page.props.auth.user?.nmae", "'nmae' does not exist"),
    Mistake("null not handled", "page.props.auth.user?.name", "page.props.auth.user.name", "possibly 'null'"),
    Mistake("deferred prop used as if it were there", "activity?.map", "activity.map", "possibly 'undefined'"),
    Mistake("unknown field of an item", "item.summary)", "item.sumary)", "'sumary' does not exist"),
    Mistake(
        "wrong type of a prop",
        "const summaries: string[]",
        "const summaries: number[]",
        "not assignable to type 'number[]'",
    ),
    Mistake(
        "missing prop", "= { contact: { id: 1, name: '', email: null, tags: [] } }", "= {}", "'contact' is missing"
    ),
    Mistake("prop that no handler sends", "tags: [] } }", "tags: [] }, extra: 1 }", "'extra' does not exist"),
    Mistake(
        "prop that the component wants and the handler lost",
        "PageProps<'Contacts/Show'>>",
        "PageProps<'Contacts/Create'>>",
        "'contact' is missing",
    ),
    Mistake(
        "prop that the component takes narrower than it is sent",
        "auth: { user: { name: string } | null }",
        "auth: { user: { name: string; age: number } | null }",
        "'age' is missing",
        at="PageProps<'Contacts/Show'>>",
    ),
    # Components
    Mistake(
        "unknown component of usePage",
        "usePage<'Contacts/Show'>",
        "usePage<'Contacts/Shwo'>",
        "'\"Contacts/Shwo\"' does not satisfy",
    ),
    Mistake(
        "unknown component of Pages",
        "again: Pages['Contacts/Show']",
        "again: Pages['Contacts/Shwo']",
        "'Contacts/Shwo' does not exist",
    ),
    Mistake(
        "another component's name",
        "component: 'Contacts/Show'",
        "component: 'Contacts/Index'",
        "not assignable to type '\"Contacts/Index\"'",
    ),
    # Shared props and flash
    Mistake("unknown shared prop", "layout.props.site", "layout.props.sites", "'sites' does not exist"),
    Mistake("prop of a page in the layout", "layout.props.site", "layout.props.contact", "'contact' does not exist"),
    Mistake("unknown flash key", "page.flash.success", "page.flash.sucess", "'sucess' does not exist"),
    Mistake(
        "flash message not handled as absent",
        "page.flash.success?.[0]",
        "page.flash.success[0]",
        "possibly 'undefined'",
    ),
    # Forms
    Mistake("missing form field", "address: { city: '' },", "", "'address' is missing", at="useForm<"),
    Mistake("wrong type of a form field", "city: '' }", "city: 7 }", "not assignable to type 'string'"),
    Mistake("unknown error key", _FORM_NAME, "form.errors.nmae", "'nmae' does not exist"),
    Mistake("unknown error key of a list", "form.errors['tags.0']", "form.errors['tagz.0']", "tagz.0"),
    Mistake("unknown nested error key", "form.errors['address.city']", "form.errors['address.town']", "address.town"),
    Mistake(
        "unknown field of clearErrors", "clearErrors('email')", "clearErrors('mail')", "'\"mail\"' is not assignable"
    ),
    Mistake("unknown error key in Form", _SLOT_NAME, changed(_SLOT_NAME, "name", "nmae"), "'nmae' does not exist"),
    Mistake("unknown error key of a list in Form", _SLOT_TAGS, changed(_SLOT_TAGS, "tags", "tagz"), "tagz.0"),
    Mistake("unknown field of setError in Form", "setError('email'", "setError('mail'", "'\"mail\"' is not assignable"),
    Mistake("unknown field of resetOnSuccess", _RESET, changed(_RESET, "'name'", "'nmae'"), "nmae"),
    # Routes
    Mistake("unknown route", "contactsDestroy({", "contactsDelete({", "Cannot find name 'contactsDelete'"),
    Mistake("unknown route parameter", "contactsDestroy({ contact_id:", "contactsDestroy({ id:", "'id' does not exist"),
    Mistake(
        "missing route parameter",
        "contactsShow({ contact_id: '7' })",
        "contactsShow()",
        "Expected 1-2 arguments, but got 0",
    ),
    Mistake("wrong type of a route parameter", "contact_id: '7'", "contact_id: true", "'boolean' is not assignable"),
    Mistake("unknown query parameter", "page: 2", "pages: 2", "'pages' does not exist"),
    Mistake("wrong type of a query parameter", "page: 2", "page: 'two'", "not assignable to type 'number'"),
    Mistake(
        "method of another route", "router.delete(contactsDestroy(", "router.delete(contactsShow(", "not assignable"
    ),
    Mistake("visit with another method", "router.get(contactsIndex(", "router.post(contactsIndex(", "not assignable"),
    Mistake("method in addition to a route", _LINK, changed(_LINK, "instant", 'method="delete"'), "not assignable"),
    # Partial reloads
    Mistake("unknown deferred prop", _DEFERRED, changed(_DEFERRED, "activity", "activty"), "activty"),
    Mistake("deferred prop that always comes", _DEFERRED, changed(_DEFERRED, "activity", "contact"), "contact"),
    Mistake(
        "unknown deferred prop of any page", _ANY_DEFERRED, changed(_ANY_DEFERRED, "activity", "activty"), "activty"
    ),
    Mistake("unknown prop of a reload", "only: ['activity'", "only: ['activty'", "'\"activty\"' is not assignable"),
    Mistake(
        "prop of another page in a reload", "only: ['activity'", "only: ['contacts'", "'\"contacts\"' is not assignable"
    ),
    Mistake(
        "unknown prop of any page in a reload",
        "except: ['contacts']",
        "except: ['contcats']",
        "'\"contcats\"' is not assignable",
    ),
]
