"""The lobby: gathers every room's models for Django. Holds no logic."""

# ruff: noqa: F401, F403
from .actionplans.models import *
from .agreements.models import *
from .answers.models import *
from .challenges.models import *
from .councils.models import *
from .evidence.models import *
from .findings.models import *
from .frameworks.models import *
from .onsite.models import *
from .planning.models import *
from .pool.models import *
from .reports.models import *
from .scoring.models import *
