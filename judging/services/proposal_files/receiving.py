"""From what was uploaded to a file that is kept: recognised by its content, then stored under its digest."""

from __future__ import annotations

from judging.errors import InvalidInput, Message
from judging.media.file_store import FileStore, ReceivedFile
from judging.media.media_limits import MediaLimits
from judging.media.recognising_media import recognise
from judging.services.proposal_files.uploads import Upload


def receive(store: FileStore, received: object, name: str, limits: MediaLimits) -> Upload:
    """Recognise an upload and keep its content; no transaction is open meanwhile.

    Raises
    ------
    InvalidInput
        When it is no deck and no video that can be shown; nothing of it is kept.
    """
    if not isinstance(received, ReceivedFile):
        raise InvalidInput({name: [Message("It was not sent as a file. Choose the file again.")]})
    received.finish()
    recognised = recognise(received.path, limits)
    store.keep(received)
    return Upload(name=name, n_bytes=received.n_bytes, digest=received.digest, recognised=recognised)
