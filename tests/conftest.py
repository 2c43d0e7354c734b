"""What all tests share: databases and a browser. The fixtures themselves stand in tests/fixtures/."""

pytest_plugins = [
    "tests.fixtures.databases",
    "tests.fixtures.workspaces",
    "tests.fixtures.browser",
    "tests.fixtures.mail_server",
]
