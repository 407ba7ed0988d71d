"""The generated types and the typed helpers in front ends, checked by the compilers that users run."""  # noqa: A005 - a package of tests
