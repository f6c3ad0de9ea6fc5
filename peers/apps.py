from django.apps import AppConfig


class PeersConfig(AppConfig):
    name = "peers"
    verbose_name = "Peer challenges"

    def ready(self) -> None:
        # Receivers of signals are connected when their module is loaded, in the worker as well as in the web process.
        from peers.agreements import services  # noqa: F401, PLC0415
        from peers.evidence.services import following  # noqa: F401, PLC0415
