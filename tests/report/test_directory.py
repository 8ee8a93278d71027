"""An output directory appears whole or not at all, and nothing of the user's is lost with it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from eagleplan.errors import ExitCode, OutputError
from eagleplan.model import Plan
from eagleplan.report import check_target, render, write_directory


@pytest.fixture(scope="module")
def files(plan: Plan) -> dict[str, bytes]:
    return render(plan, (), {"00-week.toml": b"x = 1\n"})


@pytest.fixture(scope="module")
def other_files(empty_plan: Plan) -> dict[str, bytes]:
    return render(empty_plan)


def _read(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_are_written_as_given(files: dict[str, bytes], tmp_path: Path) -> None:
    write_directory(tmp_path / "deep" / "er" / "out", files)
    assert _read(tmp_path / "deep" / "er" / "out") == files
    assert [path.name for path in (tmp_path / "deep" / "er").iterdir()] == ["out"]


def test_an_old_plan_is_replaced_as_a_whole(
    files: dict[str, bytes], other_files: dict[str, bytes], tmp_path: Path
) -> None:
    write_directory(tmp_path / "out", files)
    write_directory(tmp_path / "out", other_files)
    assert _read(tmp_path / "out") == other_files
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_directory_is_taken(files: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_directory(tmp_path / "out", files)
    assert _read(tmp_path / "out") == files


def test_a_link_is_followed(files: dict[str, bytes], other_files: dict[str, bytes], tmp_path: Path) -> None:
    write_directory(tmp_path / "real", files)
    (tmp_path / "out").symlink_to(tmp_path / "real")
    write_directory(tmp_path / "out", other_files)
    assert (tmp_path / "out").is_symlink()
    assert _read(tmp_path / "real") == other_files


@pytest.mark.parametrize("content", [{"precious.txt": b"mine"}, {"manifest.json": b'{"name": "a web app"}'}])
def test_a_foreign_directory_is_left_alone_without_force(
    files: dict[str, bytes], tmp_path: Path, content: dict[str, bytes]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name, data in content.items():
        (out / name).write_bytes(data)
    with pytest.raises(OutputError, match="holds no plan") as caught:
        write_directory(out, files)
    assert "--force" in str(caught.value.hint)
    assert caught.value.exit_code is ExitCode.BAD_INPUT
    assert _read(out) == content
    write_directory(out, files, force=True)
    assert _read(out) == files


def test_a_file_that_no_plan_wrote_is_not_lost(files: dict[str, bytes], tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_directory(out, files)
    (out / "inputs" / "notes.txt").write_text("call Graz", encoding="utf-8")
    with pytest.raises(OutputError, match=r"would be lost: inputs/notes\.txt"):
        write_directory(out, files)
    assert (out / "inputs" / "notes.txt").read_text(encoding="utf-8") == "call Graz"


def test_a_file_is_no_directory(files: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"")
    with pytest.raises(OutputError, match="not a directory"):
        write_directory(tmp_path / "out", files, force=True)
    with pytest.raises(OutputError, match="is not a directory"):
        check_target(tmp_path / "out" / "below")


def test_the_working_directory_is_not_pulled_away(
    files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "out" / "inside"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    for target in (".", "..", tmp_path / "out"):
        with pytest.raises(OutputError, match="working directory"):
            write_directory(target, files, force=True)
    write_directory("below", files)
    assert _read(inside / "below") == files


def test_a_mount_point_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == tmp_path / "out")
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputError, match="mount point"):
        check_target(tmp_path / "out", force=True)


def test_a_folder_that_may_not_be_written_to_is_known_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    with pytest.raises(OutputError, match="may not be written to"):
        check_target(tmp_path / "new" / "out")


def test_asking_changes_nothing(tmp_path: Path) -> None:
    check_target(tmp_path / "new" / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("n_synced", [0, 3, 8, 9])
def test_a_failure_while_writing_leaves_the_old_plan(
    files: dict[str, bytes],
    other_files: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    n_synced: int,
) -> None:
    out = tmp_path / "out"
    write_directory(out, other_files)
    sync, count = os.fsync, iter(range(100))

    def failing(handle: int) -> None:
        if next(count) == n_synced:
            raise error
        sync(handle)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises((OutputError, KeyboardInterrupt)) as caught:
        write_directory(out, files)
    if isinstance(error, OSError):
        assert "no space left on device" in str(caught.value)
    assert _read(out) == other_files
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("step", [0, 1])
def test_a_failure_while_renaming_leaves_the_old_plan(
    files: dict[str, bytes],
    other_files: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: int,
) -> None:
    out = tmp_path / "out"
    write_directory(out, other_files)
    rename, count = Path.rename, iter(range(100))

    def failing(self: Path, target: Path) -> Path:
        if next(count) == step:
            raise PermissionError(errno.EACCES, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OutputError, match="permission denied"):
        write_directory(out, files)
    assert _read(out) == other_files
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["../escape", "/etc/passwd", "inputs/../../escape", ""])
def test_no_file_lands_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a path inside"):
        write_directory(tmp_path / "out", {name: b""})
    assert list(tmp_path.iterdir()) == []
