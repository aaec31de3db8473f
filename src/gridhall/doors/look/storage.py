"""Static files: collected with a hash in the name and packed once, so that browsers keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise's base is untyped
    """Hashed names where files have been collected (`gridhall serve` does that), plain names elsewhere."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        return str(super().stored_name(name)) if self.hashed_files else name
