"""Settings: every key of config.toml as a frozen value, with its default, unit and bounds.

The words that explain each key stand once, in config.toml; a test holds the two together. Reading them in is
`bot.settings_loading.load_settings`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from bot.policy import LabelAction, Notice, Policy
from masker.presets import Preset


def _empty_is_unset(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _expand(value: Any) -> Any:
    value = _empty_is_unset(value)
    return Path(value).expanduser() if isinstance(value, str) else value


OptionalPath = Annotated[Path | None, BeforeValidator(_expand)]
OptionalText = Annotated[str | None, BeforeValidator(_empty_is_unset)]
OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_empty_is_unset)]
HttpAddress = Annotated[str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$")]
WebSocketAddress = Annotated[str, Field(pattern=r"^wss?://[^\s/]+(/\S*)?$")]
Operator = Literal["star", "keep_first", "label", "spoiler_label"]


class Section(BaseModel):
    """Be one table of config.toml: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DiscordSettings(Section):
    """Say where Discord is and who the bot is there. `token` comes from the environment or `token_file` only."""

    api_base: HttpAddress = "https://discord.com/api/v10"
    gateway: WebSocketAddress = "wss://gateway.discord.gg/"
    cdn_base: HttpAddress = "https://cdn.discordapp.com"
    token: OptionalSecret = None
    token_file: OptionalPath = None


class MaskerSettings(Section):
    """Say which model scores a message and what it may cost; `preset` and `operator` are those of `garim mask`."""

    model: Annotated[str, Field(min_length=1)] = "embedded"
    preset: Preset = Preset.STANDARD
    operator: Operator = "star"
    deadline_ms: Annotated[int, Field(ge=10, le=60_000)] = 1_000
    queue_limit: Annotated[int, Field(ge=1, le=1_000_000)] = 2_000
    batch_token_budget: Annotated[int, Field(ge=64, le=1_000_000)] = 2_048
    threads: Annotated[int, Field(ge=1, le=256)] = 1


class StorageSettings(Section):
    """Say where incidents and guild settings are kept, and for how long."""

    url: Annotated[OptionalText, Field(repr=False)] = None
    password_file: OptionalPath = None
    key_file: OptionalPath = None
    busy_timeout_ms: Annotated[int, Field(ge=0, le=600_000)] = 5_000
    retention_days: Annotated[int, Field(ge=1, le=3_650)] = 90
    departed_grace_days: Annotated[int, Field(ge=0, le=3_650)] = 30


class SpoolSettings(Section):
    """Bound the encrypted spool of attachments."""

    dir: OptionalPath = None
    limit_mib: Annotated[int, Field(ge=1, le=1_048_576)] = 1_024
    attachment_limit_mib: Annotated[int, Field(ge=1, le=1_024)] = 100
    fetch_timeout_ms: Annotated[int, Field(ge=100, le=600_000)] = 20_000


class RepostSettings(Section):
    """Say how hard a delete or repost is tried, and how a doubtful one is looked for."""

    doubt_wait_ms: Annotated[int, Field(ge=0, le=60_000)] = 1_500
    history_scan_limit: Annotated[int, Field(ge=1, le=10_000)] = 500
    request_timeout_ms: Annotated[int, Field(ge=100, le=600_000)] = 10_000
    attempt_limit: Annotated[int, Field(ge=1, le=100)] = 5
    retry_base_ms: Annotated[int, Field(ge=0, le=60_000)] = 500
    retry_max_ms: Annotated[int, Field(ge=0, le=600_000)] = 10_000
    catch_up_minutes: Annotated[int, Field(ge=0, le=10_080)] = 60
    unfinished_retry_s: Annotated[int, Field(ge=1, le=86_400)] = 60
    shutdown_grace_ms: Annotated[int, Field(ge=0, le=600_000)] = 15_000
    dm_per_minute: Annotated[int, Field(ge=0, le=1_000)] = 10


class GuildDefaults(Section):
    """Be the policy of a guild that has not chosen yet."""

    preset: Preset = Preset.STANDARD
    mentions: LabelAction = LabelAction.MASK
    operator: Operator = "star"
    notice: Notice = Notice.BUTTON
    observe: bool = False
    locale: Literal["ko", "en"] = "ko"

    def policy(self) -> Policy:
        """Return these defaults as a policy."""
        return Policy(
            preset=self.preset,
            mentions=self.mentions,
            operator=self.operator,
            notice=self.notice,
            observe=self.observe,
            locale=self.locale,
        )


class BreakerSettings(Section):
    """Bound the invalid responses (401, 403, 404, 429) of ten minutes, per guild and in all."""

    guild_limit_per_10_min: Annotated[int, Field(ge=1, le=10_000)] = 300
    global_limit_per_10_min: Annotated[int, Field(ge=1, le=10_000)] = 8_000


class LogSettings(Section):
    """Say how much is logged, and in which form."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["text", "json"] = "text"


class PathSettings(Section):
    """Say where the process keeps its files."""

    data_dir: OptionalPath = None


class Settings(BaseModel):
    """Hold the whole configuration. Paths that were left empty are derived from `data_dir`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    discord: DiscordSettings = Field(default_factory=DiscordSettings)
    masker: MaskerSettings = Field(default_factory=MaskerSettings)
    storage: StorageSettings = Field(default_factory=StorageSettings)
    spool: SpoolSettings = Field(default_factory=SpoolSettings)
    repost: RepostSettings = Field(default_factory=RepostSettings)
    guild_defaults: GuildDefaults = Field(default_factory=GuildDefaults)
    breaker: BreakerSettings = Field(default_factory=BreakerSettings)
    log: LogSettings = Field(default_factory=LogSettings)
    paths: PathSettings = Field(default_factory=PathSettings)

    @property
    def data_dir(self) -> Path:
        """Return the folder for the database, the key and the spool."""
        return self.paths.data_dir or Path(platformdirs.user_data_dir("garim"))

    @property
    def database_url(self) -> str:
        """Return the database's URL; SQLite in `data_dir` unless one is set."""
        return self.storage.url or f"sqlite:///{(self.data_dir / 'garim.sqlite3').absolute()}"

    @property
    def key_path(self) -> Path:
        """Return the file that holds the encryption keys."""
        return self.storage.key_file or self.data_dir / "garim.key"

    @property
    def spool_path(self) -> Path:
        """Return the folder of the attachment spool."""
        return self.spool.dir or self.data_dir / "spool"

    def for_demo(self) -> Settings:
        """Return these settings with every file under `data_dir`/demo, so that the demo never touches real data."""
        return self.model_copy(
            update={
                "paths": PathSettings(data_dir=self.data_dir / "demo"),
                "storage": self.storage.model_copy(update={"url": None, "key_file": None, "password_file": None}),
                "spool": self.spool.model_copy(update={"dir": None}),
            }
        )
