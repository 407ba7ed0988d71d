"""The texts of a new page.

A line begins with a mark: "+" is only written with a form, "-" only without one, a space always. Names in
`__CAPITALS__` are replaced; a line that is empty afterwards is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

HANDLER: Final = '''
 """The page __COMPONENT__."""

+from typing import Annotated
+
-from litestar import Router, get
+from litestar import Request, Router, get, post
 __PARAMS_IMPORT__
+from litestar_vite.inertia import InertiaBack, flash
-from msgspec import Struct
+from msgspec import Meta, Struct


 class __CLASS__(Struct):
     """The props of the page."""

     __FIELD__
     title: str
+
+
+class __CLASS__Form(Struct):
+    """The data of the form."""
+
+    name: Annotated[str, Meta(min_length=1, max_length=60)]


 @get("__PATH__", component="__COMPONENT__", name="__ROUTE__")
 async def page(__ARGUMENT__) -> __CLASS__:
     return __CLASS__(__VALUE__title="__TITLE__")
+
+
+@post("__PATH__", name="__ROUTE__.store")
+async def store(request: Request, data: JSONBody[__CLASS__Form]__FURTHER_ARGUMENT__) -> InertiaBack:
+    # Save the data here.
+    flash(request, f"{data.name} was saved.", category="success")
+    return InertiaBack(request)


-__ROUTER__ = Router("__PREFIX__", route_handlers=[page])
+__ROUTER__ = Router("__PREFIX__", route_handlers=[page, store])
'''

TEST: Final = '''
 """Tests of the page __COMPONENT__."""

 from collections.abc import Callable

 from __APP_MODULE__ import __APP__
 from litestar_vite.testing import InertiaTestClient


 def test_the_page_has_its_props(inertia_client: Callable[..., InertiaTestClient]) -> None:
     inertia_client(__APP____CALL__).open("__URL__").component("__COMPONENT__").where("title", "__TITLE__")
+
+
+def test_the_form_reports_errors_and_success(inertia_client: Callable[..., InertiaTestClient]) -> None:
+    client = inertia_client(__APP____CALL__)
+    client.open("__URL__")
+    client.submit("__URL__", {"name": ""}).component("__COMPONENT__").has_errors("name")
+    client.submit("__URL__", {"name": "Ada"}).missing_errors().has_flash("success", "Ada was saved.")
'''

REACT: Final = """
-import { Head } from '__PACKAGE__'
+import { Form, Head } from '__PACKAGE__'
+__STORE_IMPORT__
 __TYPES_IMPORT__

 export default function __CLASS__({ __PROPS__ }__TYPE__) {
   return (
     <>
       <Head title={title} />
       <h1>{title}</h1>
+      <Form__FORM_TYPE__ __ACTION__ resetOnSuccess noValidate>
+        {({ errors, processing }) => (
+          <>
+            <label htmlFor="name">Name</label>
+            <input id="name" name="name" aria-invalid={errors.name ? true : undefined} aria-describedby="name-error" />
+            <p id="name-error" role="alert">
+              {errors.name}
+            </p>
+            <button disabled={processing}>Save</button>
+          </>
+        )}
+      </Form>
     </>
   )
 }
"""

VUE: Final = """
 <script setup__LANG__>
-import { Head } from '__PACKAGE__'
+import { __FORM_NAME__, Head } from '__PACKAGE__'
+__STORE_IMPORT__
 __TYPES_IMPORT__

 // Undeclared shared props must not become attributes of the page's elements.
 defineOptions({ inheritAttrs: false })
 __DEFINE_PROPS__
+__CREATE_FORM__
 </script>

 <template>
   <Head :title="title" />
   <h1>{{ title }}</h1>
+  <__FORM__ v-slot="{ errors, processing }" __ACTION__ reset-on-success novalidate>
+    <label for="name">Name</label>
+    <input id="name" name="name" :aria-invalid="errors.name ? true : undefined" aria-describedby="name-error" />
+    <p id="name-error" role="alert">{{ errors.name }}</p>
+    <button :disabled="processing">Save</button>
+  </__FORM__>
 </template>
"""

SVELTE: Final = """
 <script__LANG__>
+  import { __FORM_NAME__ } from '__PACKAGE__'
+  __STORE_IMPORT__
   __TYPES_IMPORT__

   let { __PROPS__ }__TYPE__ = $props()
+  __CREATE_FORM__
 </script>

 <svelte:head>
   <title>{title}</title>
 </svelte:head>

 <h1>{title}</h1>
+<__FORM__ __ACTION__ resetOnSuccess novalidate>
+  {#snippet children({ errors, processing })}
+    <label for="name">Name</label>
+    <input id="name" name="name" aria-invalid={errors.name ? true : undefined} aria-describedby="name-error" />
+    <p id="name-error" role="alert">{errors.name}</p>
+    <button disabled={processing}>Save</button>
+  {/snippet}
+</__FORM__>
"""


def render(template: str, values: Mapping[str, str], *, form: bool) -> str:
    """Return the text of a file."""
    lines: list[str] = []
    for line in template.strip("\n").split("\n"):
        if line[:1] == ("-" if form else "+"):
            continue
        text = line[1:]
        for name, value in values.items():
            text = text.replace(f"__{name}__", value)
        if text.strip() or not line[1:].strip():
            lines.append(text.rstrip())
    # A script without imports begins with its props.
    return re.sub(r"(<script.*>)\n\n", r"\1\n", "\n".join(lines)) + "\n"
