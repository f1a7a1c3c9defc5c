"""Which passes are used: numpy's by default, the compiled ones where asked for or where they pay."""

import subprocess
import sys

import pytest

from equipoise.errors import InputError
from equipoise.judges.irt import engine as package
from equipoise.judges.irt.engine import kernel
from equipoise.judges.irt.engine.passes import passes
from equipoise.judges.irt.fit import fit
from equipoise.judges.irt.simulate import simulate

LARGE = 50_000_000


@pytest.fixture
def without_numba(monkeypatch):
    for name in ("compiled", "compiled_loops"):
        monkeypatch.delitem(sys.modules, f"{package.__name__}.{name}", raising=False)
        monkeypatch.delattr(package, name, raising=False)
    monkeypatch.setitem(sys.modules, "numba", None)


@pytest.mark.parametrize(("engine", "size"), [("numpy", LARGE), ("auto", 1000)])
def test_numpy(engine, size):
    found = passes(engine, size)
    assert (found.gradient, found.information) == (kernel.gradient, kernel.information)


@pytest.mark.parametrize(("engine", "size"), [("numba", 1), ("auto", LARGE)])
def test_numba(engine, size):
    pytest.importorskip("numba")
    from equipoise.judges.irt.engine import compiled

    found = passes(engine, size)
    assert (found.gradient, found.information) == (compiled.gradient, compiled.information)


@pytest.mark.usefixtures("without_numba")
def test_without_numba_auto_is_numpy_and_numba_is_refused():
    assert passes("auto", LARGE).gradient is kernel.gradient
    with pytest.raises(InputError, match=r"field 'engine': numba cannot be used .*pip install 'equipoise\[fast\]'"):
        passes("numba", LARGE)


def test_an_unknown_engine_is_refused():
    with pytest.raises(InputError, match="expected one of auto, numpy, numba, found 'cuda'"):
        passes("cuda", 10)


def test_the_package_and_a_small_fit_load_no_numba():
    code = (
        "import sys; from equipoise.judges.irt.engine.passes import passes; import equipoise.judges.irt; "
        "passes('auto', 1000); assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_fit_is_the_same_with_both():
    pytest.importorskip("numba")
    table = simulate(12, 30, 4, ratings=1200, seed=5).ratings
    ours, theirs = (fit(table, engine=engine).measures for engine in ("numba", "numpy"))
    assert len(ours) == 12 + 30 + 4
    numbers = ours.select_dtypes("number").columns
    assert len(numbers) > 5
    for name in numbers:
        assert ours[name].to_numpy() == pytest.approx(theirs[name].to_numpy(), rel=1e-7, abs=1e-8, nan_ok=True)
