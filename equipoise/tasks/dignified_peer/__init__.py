"""The Dignified Peer task family: stand by what is right and true, and answer the person who asks."""

from equipoise.tasks.dignified_peer.generation import dignified_peer_generation
from equipoise.tasks.dignified_peer.selection import dignified_peer_selection

__all__ = ["dignified_peer_generation", "dignified_peer_selection"]
