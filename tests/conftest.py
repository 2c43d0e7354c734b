"""What all tests share: databases and a browser. The fixtures themselves stand in tests/fixtures/.

Random cases are the same ones in every run, so that a change is judged by what it changes; for new ones
there is `manage.py bench --soak`, or HYPOTHESIS_PROFILE=default in the environment.
"""

import os

from hypothesis import settings

from dougong.memory import look_rarely

pytest_plugins = [
    "tests.fixtures.databases",
    "tests.fixtures.workspaces",
    "tests.fixtures.sites",
    "tests.fixtures.browser",
    "tests.fixtures.mail_server",
    "tests.fixtures.openid",
]

# As the product itself does it: a fifth of the time of the tests.
look_rarely()
settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
