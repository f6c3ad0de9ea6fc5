"""The lobby: gathers every room's models for Django. Holds no logic."""

# ruff: noqa: F401
import peers.actionplans.models
import peers.agreements.models
import peers.answers.models
import peers.challenges.models
import peers.councils.models
import peers.evidence.models
import peers.findings.models
import peers.frameworks.models
import peers.onsite.models
import peers.planning.models
import peers.pool.models
import peers.records.models
import peers.reports.models
import peers.scoring.models
