"""The peers' own environments, outside the repository: what py-irt and mirt pin, the package must not.

    python benchmarks/irt_peers/environment.py DIR    makes DIR/pyirt and DIR/mirt (3 minutes, 2 GB, mostly torch)

What is there already stays. py-irt 0.7.1 needs Python 3.9 to 3.11: the one that runs this, or the first of
`python3.11`, `python3.10` and `python3.9` on the path, is taken. R comes from the system: `apt-get install r-base-core
r-cran-vgam r-cran-jsonlite r-cran-lme4`.

`benchmarks/bench_irt.py` asks `command` for what to run, with the variables of `threads`, and skips a peer, saying so,
where that is None.
"""

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = {
    "pyirt": ["py-irt==0.7.1", "torch==2.13.0", "pandas<3", "pyarrow"],
    "mirt": ["mirt==1.2.0", "pandas", "pyarrow"],
}
SCRIPTS = {"pyirt": "pyirt_peer.py", "mirt": "mirt_peer.py", "vgam": "vgam_peer.R"}


def command(peer: str, directory: Path) -> list[str] | None:
    """How to start a peer's script, or None if it is not installed.

    Args:
        peer: A key of `SCRIPTS`.
        directory: Where the environments were made.
    """
    script = str(HERE / SCRIPTS[peer])
    if peer == "vgam":
        return ["Rscript", "--vanilla", script] if _r_has("VGAM", "jsonlite") else None
    python = _python(directory / peer)
    return [str(python), script] if python.exists() and (directory / peer / "complete").exists() else None


def threads(number: int) -> dict[str, str]:
    """Variables that hold a peer to so many threads; they count only if set before it starts."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
    return dict.fromkeys(names, str(number))


def make(peer: str, directory: Path) -> None:
    """Make a peer's virtual environment, unless it is there.

    Raises:
        RuntimeError: No Python that the peer runs on.
        subprocess.CalledProcessError: An installation failed; pip has said why.
    """
    home = directory / peer
    if (home / "complete").exists():
        return
    subprocess.run([_base_python(peer), "-m", "venv", "--clear", str(home)], check=True)
    subprocess.run([str(_python(home)), "-m", "pip", "install", "--quiet", *PACKAGES[peer]], check=True)
    (home / "complete").touch()


def _base_python(peer: str) -> str:
    if peer != "pyirt" or sys.version_info < (3, 12):
        return sys.executable
    found = next((path for minor in (11, 10, 9) if (path := shutil.which(f"python3.{minor}"))), None)
    if found is None:
        raise RuntimeError("py-irt 0.7.1 needs Python 3.9, 3.10 or 3.11 and none is on the path")
    return found


def _python(home: Path) -> Path:
    return home / "bin" / "python"


def _r_has(*packages: str) -> bool:
    if shutil.which("Rscript") is None:
        return False
    test = " && ".join(f"requireNamespace('{package}', quietly = TRUE)" for package in packages)
    return subprocess.run(["Rscript", "--vanilla", "-e", f"quit(status = !({test}))"], check=False).returncode == 0


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python benchmarks/irt_peers/environment.py DIR")
    directory = Path(sys.argv[1])
    for peer in PACKAGES:
        try:
            make(peer, directory)
        except (RuntimeError, subprocess.CalledProcessError) as error:
            print(f"{peer}: not made: {error}", file=sys.stderr)
    for peer in SCRIPTS:
        start = command(peer, directory)
        print(f"{peer}: {'not here, will be skipped' if start is None else ' '.join(start)}")


if __name__ == "__main__":
    main()
