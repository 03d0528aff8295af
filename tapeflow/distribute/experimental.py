"""`tf.distribute.experimental`: older names, and how workers talk to each other."""

from __future__ import annotations

from .options import CommunicationImplementation as CommunicationImplementation
from .options import CommunicationOptions as CommunicationOptions
from .strategy import CentralStorageStrategy as CentralStorageStrategy
from .strategy import MultiWorkerMirroredStrategy as MultiWorkerMirroredStrategy
from .strategy import TPUStrategy as TPUStrategy
from .strategy import ValueContext as ValueContext

CollectiveCommunication = CommunicationImplementation
