"""The folder of entries: whatever is wrong with a file, it is not there."""

from __future__ import annotations

import errno
import multiprocessing
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest

from eagleplan.pipeline.cache import NO_CACHE, Cache, CacheStats, CacheWarning, Entry, decoded, encoded

KEY, OTHER = "ab" + 62 * "0", "cd" + 62 * "1"


def entry(n: int = 3) -> Entry:
    return Entry(
        arrays={"x": np.linspace(-1.0, np.pi, 2 * n).reshape(2, n), "k": np.arange(n)}, words={"names": ["a", "b\n"]}
    )


def same(one: Entry | None, other: Entry) -> bool:
    return (
        one is not None
        and dict(one.words) == dict(other.words)
        and list(one.arrays) == list(other.arrays)
        and all(np.array_equal(one.arrays[name], other.arrays[name]) for name in other.arrays)
    )


def files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def test_what_was_kept_is_found_and_read_only(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "not" / "there")
    assert cache.get(KEY) is None
    cache.put(KEY, entry())
    found = cache.get(KEY)
    assert same(found, entry())
    assert found is not None
    assert not found.arrays["x"].flags.writeable
    assert cache.get(OTHER) is None
    (path,) = files(tmp_path)
    size = path.stat().st_size
    assert cache.stats == CacheStats(n_hits=1, n_misses=2, n_bad=0, n_bytes_read=size, n_bytes_written=size)


def test_arrays_without_a_number_are_kept_too(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(KEY, entry(0))
    assert same(cache.get(KEY), entry(0))


def test_a_pickle_is_the_same_folder(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(KEY, entry())
    there = pickle.loads(pickle.dumps(cache))
    assert there.stats == CacheStats()
    assert same(there.get(KEY), entry())


def test_no_cache_keeps_nothing() -> None:
    NO_CACHE.put(KEY, entry())
    assert NO_CACHE.get(KEY) is None
    assert not NO_CACHE.is_open
    assert NO_CACHE.stats == CacheStats()


def test_every_changed_byte_and_every_length_is_seen() -> None:
    content = encoded(KEY, entry())
    assert same(decoded(KEY, content), entry())
    for place in range(len(content)):
        for change in (0x01, 0x80):
            damaged = bytearray(content)
            damaged[place] ^= change
            assert decoded(KEY, bytes(damaged)) is None, place
        assert decoded(KEY, content[:place]) is None, place
    assert decoded(KEY, content + b"\0") is None
    assert decoded(KEY, content * 2) is None


def test_an_entry_of_another_key_or_of_something_else_is_not_taken() -> None:
    assert decoded(OTHER, encoded(KEY, entry())) is None
    import hashlib

    for foreign in (
        b"",
        b"\n",
        b"[]\n",
        b"{}\n",
        b"1\n",
        b"no json\n",
        b'{"format": "eagleplan cache 1"}\n',
        b"\xff\n",
    ):
        assert decoded(KEY, foreign + hashlib.sha256(foreign).digest()) is None


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "foreign", "longer"])
def test_a_bad_entry_is_counted_and_written_anew(tmp_path: Path, damage: str) -> None:
    Cache(tmp_path).put(KEY, entry())
    (path,) = files(tmp_path)
    content = path.read_bytes()
    path.write_bytes(
        {
            "empty": b"",
            "cut": content[:-1],
            "flipped": content[:-40] + bytes([content[-40] ^ 1]) + content[-39:],
            "foreign": encoded(OTHER, entry()),
            "longer": content + content,
        }[damage]
    )
    cache = Cache(tmp_path)
    assert cache.get(KEY) is None
    assert (cache.stats.n_hits, cache.stats.n_misses, cache.stats.n_bad) == (0, 1, 1)
    cache.put(KEY, entry())
    assert same(cache.get(KEY), entry())


def test_a_full_disk_is_said_once_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    cache = Cache(tmp_path)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.warns(CacheWarning, match="No space left"):
        cache.put(KEY, entry())
    cache.put(OTHER, entry())  # a second warning would be an error
    assert files(tmp_path) == []
    assert cache.get(KEY) is None


def test_a_folder_that_cannot_be_one_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = Cache(tmp_path / "file")
    with pytest.warns(CacheWarning, match="cannot be read"):
        assert cache.get(KEY) is None
    cache.put(KEY, entry())  # a second warning would be an error
    assert cache.get(KEY) is None


def write_and_read(directory: Path, n: int) -> int:
    """How many of the reads gave anything but the entry or nothing."""
    warnings.simplefilter("error")
    cache = Cache(directory)
    wrong = 0
    for _ in range(60):
        cache.put(KEY, entry(n))
        found = cache.get(KEY)
        wrong += not any(same(found, entry(size)) for size in (1000, 3000))
    return wrong + cache.stats.n_bad


def test_writers_side_by_side_leave_one_good_entry(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        wrong = pool.starmap(write_and_read, [(tmp_path, n) for n in (1000, 3000)])
    assert wrong == [0, 0]
    assert len(files(tmp_path)) == 1
    assert any(same(Cache(tmp_path).get(KEY), entry(n)) for n in (1000, 3000))
