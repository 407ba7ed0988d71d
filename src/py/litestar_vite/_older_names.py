"""Names and settings of litestar-vite 0.32 and older. Each raises an error with one sentence that names the
replacement. docs/migration.md has the full list.

Names are only looked up here after Python has not found them, so an app's own names are unaffected.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_Class = TypeVar("_Class")

_GUIDE: Final = "See docs/migration.md."
_AUTOMATIC: Final = "it needs no setting"

_PARTS: Final = {
    "PathConfig": "use ViteConfig(root=…, bundle_dir=…, ssr_dir=…, asset_url=…)",
    "RuntimeConfig": "use ViteConfig(dev_mode=…, dev_server_url=…, csp_nonce=…, runtime=…)",
    "TypeGenConfig": "use ViteConfig(types=TypesConfig(…)) of litestar_vite.config; 'litestar assets types' writes it",
    "DeployConfig": "use ViteConfig(asset_url='https://cdn.example.org/'), and upload ViteConfig.bundle_dir yourself",
    "ExternalDevServer": "use ViteConfig(dev_server_url='http://127.0.0.1:5173')",
    "InertiaSSRConfig": "use SSRConfig of litestar_vite.inertia",
    "InertiaTypeGenConfig": "use ViteConfig(types=TypesConfig(…)) of litestar_vite.config",
    "LoggingConfig": "use Python's logging: the loggers are below 'litestar_vite'",
    "PaginationContainer": "pass a pagination to scroll(), or its items as a prop",
}
_ROOT: Final = {
    **{name: _PARTS[name] for name in _PARTS if name not in {"InertiaTypeGenConfig", "LoggingConfig"}},
    "InertiaConfig": "import it from litestar_vite.inertia",
    "SPAConfig": "import it from litestar_vite.config",
    "ViteAssetLoader": "the assets are VitePlugin.assets",
    "ComponentResponse": "return InertiaResponse of litestar_vite.inertia",
    "FragmentEngine": "render fragments with Litestar's HTMXTemplate",
    "render_fragment": "render fragments with Litestar's HTMXTemplate",
    "HTMLEntryResolutionError": "catch ConfigError of litestar_vite.exceptions",
    "StaticPlacement": "built files are served at ViteConfig.asset_url",
    "StaticServerConfig": "built files are served at ViteConfig.asset_url",
    "StaticServerMount": "built files are served at ViteConfig.asset_url",
}
_PROPS: Final = "use the function of the same purpose: always(), optional(), once(), defer(), merge()"
_INERTIA: Final = {
    "AlwaysProp": _PROPS,
    "OnceProp": _PROPS,
    "OptionalProp": _PROPS,
    "PropFilter": "the client selects the props of a visit; mark props with optional() or defer()",
    "only": "the client selects the props of a visit; mark props with optional() or defer()",
    "except_": "the client selects the props of a visit; mark props with optional() or defer()",
    "InertiaDetails": "use visit(request)",
    "InertiaHeaders": "use visit(request), whose fields are the parsed headers",
    "InertiaRequest": "use Litestar's Request, with visit(request)",
    "InertiaMiddleware": "VitePlugin installs all that is needed",
    "PrecognitionResponse": "use PrecognitionSuccess",
    "precognition": "every form handler validates while the visitor types, without a decorator",
    "create_precognition_exception_handler": "every form handler validates while the visitor types",
    "normalize_validation_errors": "use InertiaConfig(validation_message=…) to word messages",
    "create_inertia_exception_response": "use InertiaConfig(error_page=…)",
    "exception_to_http_response": "use InertiaConfig(error_page=…)",
    "get_shared_props": "use share() and InertiaConfig(share=…); tests read sharedProps",
    "extract_deferred_props": "tests read page.deferredProps",
    "extract_merge_props": "tests read page.mergeProps",
    "extract_once_props": "tests read page.onceProps",
}
_EXCEPTIONS: Final = {
    "AssetNotFoundError": "catch ConfigError",
    "HTMLEntryResolutionError": "catch ConfigError",
    "ViteExecutableNotFoundError": "catch DevServerError",
    "ViteExecutionError": "catch DevServerError",
    "ViteProcessError": "catch DevServerError",
}
_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "litestar_vite": _ROOT,
    "litestar_vite.config": _PARTS,
    "litestar_vite.inertia": _INERTIA,
    "litestar_vite.exceptions": _EXCEPTIONS,
}
_DEPLOY: Final = "use asset_url='https://cdn.example.org/', and upload bundle_dir yourself"
_SPA: Final = "use spa=True, which answers every page that no route answers"
_GUARDS: Final = "built files are public; set guards of the app or of Litestar's create_static_files_router"

_SETTINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "ViteConfig": {
        "mode": "the mode follows from inertia=… and from the app's routes",
        "paths": "use root=…, bundle_dir=…, ssr_dir=…, asset_url=…",
        "logging": "use Python's logging: the loggers are below 'litestar_vite'",
        "base_url": "use asset_url=…",
        "deploy": _DEPLOY,
        "enabled": "use inert=True, or leave VitePlugin out",
        "static_props": "use InertiaConfig(share=…)",
        "guards": _GUARDS,
        "exclude_static_from_auth": "built files are always excluded from authentication",
        "spa_path": _SPA,
        "include_root_spa_paths": _SPA,
    },
    "InertiaConfig": {
        "root_template": "use ViteConfig(index_html=…), or template=… for a template engine",
        "component_opt_keys": "name the page by component=… or page=…",
        "redirect_404": "use error_page=…, a function that returns an InertiaResponse or a component",
        "shared_page_prop_types": "types are read from share and from what handlers return",
        "type_gen": "use ViteConfig(types=TypesConfig(…)) of litestar_vite.config",
        "use_script_element": "use legacy_root_attribute=True for clients 1.x and 2.x",
        "precognition": "every form handler validates while the visitor types; " + _AUTOMATIC,
    },
    "VitePlugin": {
        "asset_loader": "VitePlugin makes it: VitePlugin.assets",
        "static_files_config": "built files are served at ViteConfig.asset_url",
    },
    "InertiaPlugin": {"config": "VitePlugin creates it: use VitePlugin(ViteConfig(inertia=InertiaConfig(…)))"},
}


def older_names(module: str) -> Callable[[str], NoReturn]:
    """Return a `__getattr__` for a module that had other names in the older package."""

    def missing(name: str) -> NoReturn:
        if (now := _NAMES[module].get(name)) is not None:
            msg = f"{name} is gone: {now}. {_GUIDE}"
            # `from litestar_vite import PathConfig` would lose the text of an AttributeError.
            raise ImportError(msg, name=module)
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return missing


def refuses_older_settings(cls: type[_Class]) -> type[_Class]:
    """Decorate a class so that its `__init__` names the replacement of an older setting."""
    older = _SETTINGS[cls.__name__]
    made: Any = cls
    init = made.__init__

    @wraps(init)
    def checked(self: Any, *args: Any, **settings: Any) -> None:
        try:
            init(self, *args, **settings)
        except TypeError as error:
            # Parameters by position have no names. Only InertiaPlugin had one that is still known, with others missing.
            for name in settings or ["config"][: len(args)]:
                # Python's message contains the name of an unknown parameter. Known parameters are accepted.
                if (now := older.get(name)) is not None and (f"'{name}'" in str(error) or "missing" in str(error)):
                    from litestar_vite.exceptions import ConfigError

                    raise ConfigError(f"{cls.__name__}({name}=…) is gone: {now}. {_GUIDE}") from None
            raise

    made.__init__ = checked
    return cls
