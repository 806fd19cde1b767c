"""Settings: what wins over what, and what is refused."""

from pathlib import Path

import pytest

from kg.config import Settings, load_settings
from kg.errors import SettingsError


def test_defaults_need_nothing() -> None:
    assert load_settings(environment={}) == Settings()


def test_arguments_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "kg.toml"
    file.write_text('port = 1\nhost = "a"\nstore = "from-file"\n')
    settings = load_settings(file, {"KG_PORT": "2", "KG_HOST": "b"}, port=3, host=None)
    assert (settings.port, settings.host, settings.store) == (3, "b", Path("from-file"))


def test_the_environment_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "kg.toml"
    file.write_text("query_timeout = 5\n")
    assert load_settings(environment={"KG_CONFIG": str(file)}).query_timeout == 5.0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("prot = 1", "Unknown setting 'prot'.*Did you mean 'port'"),
        ('port = "many"', "port: 'many'.*not a int"),
        ("port = ", "cannot be read"),
        ('base_iri = "ftp://x/"', "base_iri"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "kg.toml"
    file.write_text(content)
    with pytest.raises(SettingsError, match=words):
        load_settings(file, {})


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read"):
        load_settings(tmp_path / "none.toml", {})


def test_an_unknown_variable_is_refused() -> None:
    with pytest.raises(SettingsError, match="Did you mean 'store'"):
        load_settings(environment={"KG_STOER": "x"})
