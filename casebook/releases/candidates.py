"""What takes the place of a release: a release, a checkout, a wheel, an archive, a Git reference.

Everything but a release becomes a wheel in `build/releases/wheels/`, named by what it holds.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from casebook.plan.investigation import package_name
from casebook.plan.mistakes import one_of
from casebook.releases import uv
from casebook.releases.environments import FOLDER
from casebook.releases.index import NotListed, listed
from casebook.releases.resolving import Wheel
from casebook.releases.uv import UvFailed
from casebook.text import one_line

ARCHIVES = (".whl", ".tar.gz", ".zip")
"""The endings of the files that a package can be installed from."""

_PULL = re.compile(r"(https://github\.com/[^/]+/[^/]+)/pull/(\d+)(?:/\w*)*/?")


class WrongCandidate(Exception):
    """What was asked for does not exist, or is another package; the text says what is wrong."""


class NotBuilt(Exception):
    """A candidate could not be fetched or built; `said` is all that the tool printed."""

    def __init__(self, why: str, said: str = "") -> None:
        super().__init__(why)
        self.said = said


@dataclass(frozen=True, slots=True)
class Candidate:
    """What takes the place of a package's release.

    `named` says in words what it is ("the checkout library at 1a2b3c4, with changes that are not
    committed"); `release` is its release, `wheel` its wheel unless an index has it.
    """

    package: str
    release: str
    named: str
    wheel: Wheel | None = None

    @property
    def requirement(self) -> str:
        """What a requirement says of the package."""
        return f" @ {self.wheel.file.as_uri()}" if self.wheel else f"=={self.release}"


def parted(text: str) -> tuple[str, str]:
    """Return the package, normalised, and what takes its place: of `library @ 2.1.0` these two.

    Raises WrongCandidate for a text of another form.
    """
    found = re.fullmatch(r"\s*([A-Za-z0-9][\w.-]*?)\s*(?:@|==)\s*(\S.*?)\s*", text, re.DOTALL)
    if not found:
        raise WrongCandidate(f"{text!r}: write PACKAGE @ PATH-OR-URL-OR-VERSION")
    return package_name(found[1]), found[2]


def candidate(
    root: Path, package: str, what: str, *, called_from: Path, editable: bool = False
) -> Candidate:
    """Return what takes the place of a package's release, built if it must be.

    Paths are relative to `called_from`. With `editable` a checkout is installed as one. Raises
    WrongCandidate and NotBuilt.
    """
    if pull := _PULL.fullmatch(what):
        what = f"git+{pull[1]}@refs/pull/{pull[2]}/head"
    if what.startswith("file://"):
        what = urllib.request.url2pathname(urllib.parse.urlsplit(what).path)
    path = (called_from / Path(what).expanduser()).resolve()
    with tempfile.TemporaryDirectory(prefix="casebook-candidate-") as name:
        scratch = Path(name)
        if what.startswith("git+"):
            folder, named = _fetched(what.removeprefix("git+"), scratch / "checkout")
            return _built(root, package, folder, named)
        if re.match(r"https?://", what):
            file = _downloaded(what, scratch)
            return _built(root, package, file, f"{file.name} from {_without_secrets(what)}")
        if path.is_dir():
            checkout = _built(root, package, path, _state_of(path), editable=editable)
            return checkout
        if path.is_file():
            return _built(root, package, path, path.name)
    return _release(package, what)


def _release(package: str, what: str) -> Candidate:
    try:
        version = Version(what)
    except InvalidVersion:
        problem = f"{what!r} is neither a release of {package} nor a path nor an address"
        raise WrongCandidate(problem) from None
    try:
        known = {one.version: one.release for one in listed(package)}
    except NotListed as error:
        if not error.out_of_reach:
            raise WrongCandidate(str(error)) from None
        known = {version: str(version)}  # uv may have it in its cache
    if version not in known:
        nearest = one_of(what, [*known.values()][::-1])
        raise WrongCandidate(f"{package} {what}: the index lists no such release; {nearest}")
    return Candidate(package, known[version], f"{package} {known[version]}")


# --- Fetching -------------------------------------------------------------------------------------


def _fetched(address: str, folder: Path) -> tuple[Path, str]:
    """Return the folder of a Git repository's files at a reference, and what to call it.

    The address may end with `@reference` and with `#subdirectory=folder`, as pip writes it.
    """
    address, _, fragment = address.partition("#")
    head, at, reference = address.rpartition("@")
    if not at or "/" not in head.partition("://")[2]:  # the @ stands before a host
        head, reference = address, "HEAD"
    git = _git_in(folder)
    folder.mkdir()
    git("init", "--quiet")
    try:
        git("fetch", "--quiet", "--depth", "1", head, reference)
    except NotBuilt:  # a commit's short name, or a server that gives no single commit
        git("fetch", "--quiet", "--tags", head, "+refs/heads/*:refs/heads/*")
        git("checkout", "--quiet", "--detach", reference)
    else:
        git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    commit = git("rev-parse", "--short=10", "HEAD").strip()
    inside = urllib.parse.parse_qs(fragment).get("subdirectory", [""])[0]
    return folder / inside, f"{_without_secrets(head)} at {reference}, commit {commit}"


def _git_in(folder: Path) -> Callable[..., str]:
    def git(*arguments: str) -> str:
        try:
            ended = subprocess.run(
                ["git", "-C", str(folder), *arguments],
                capture_output=True,
                encoding="utf-8",
                errors="replace",
            )
        except FileNotFoundError:
            raise NotBuilt("git is not installed") from None
        if ended.returncode:
            said = ended.stderr.strip()
            raise NotBuilt(f"git {arguments[0]}: {one_line(said, 300)}", said)
        return ended.stdout

    return git


_LEFT_BEHIND = re.compile(r"\?\? (.*/)?(build|[^/]+\.egg-info)/")
"""What a build leaves in a folder and git does not know: no change that somebody made."""


def _state_of(path: Path) -> str:
    """Return what to call a folder: with its commit, and whether it has changes beyond it."""
    git = _git_in(path)
    try:
        if not git("ls-files", "--", ".").strip():
            return f"the folder {path.name}"
        commit = git("rev-parse", "--short=10", "HEAD").strip()
        status = git("status", "--porcelain", "--", ".").splitlines()
        changed = sum(not _LEFT_BEHIND.fullmatch(line) for line in status)
    except NotBuilt:
        return f"the folder {path.name}"
    files = "file" if changed == 1 else "files"
    dirty = f", with {changed} {files} changed and not committed" if changed else ""
    return f"the checkout {path.name} at {commit}{dirty}"


def _downloaded(address: str, folder: Path) -> Path:
    name = Path(urllib.parse.unquote(urllib.parse.urlsplit(address).path)).name
    if not name.endswith(ARCHIVES):
        ends = ", ".join(ARCHIVES)
        problem = f"{address}: ends with none of {ends}; of a repository write git+https://...@REF"
        raise WrongCandidate(problem)
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            (folder / name).write_bytes(answer.read())
    except OSError as error:
        raise NotBuilt(f"{_without_secrets(address)}: {error}") from None
    return folder / name


def _without_secrets(address: str) -> str:
    """Return an address without a user's name and password, a query and a fragment."""
    parts = urllib.parse.urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


# --- Building -------------------------------------------------------------------------------------


def _built(
    root: Path, package: str, source: Path, named: str, *, editable: bool = False
) -> Candidate:
    """Return the candidate that a folder, an archive or a wheel holds."""
    with tempfile.TemporaryDirectory(prefix="casebook-wheel-") as name:
        wheel = source if source.suffix == ".whl" else _wheel_of(source, Path(name))
        try:
            distribution, version, *_ = parse_wheel_filename(wheel.name)
        except InvalidWheelFilename as error:
            raise WrongCandidate(str(error)) from None
        if distribution != package:
            raise WrongCandidate(f"{named} holds {distribution}, not {package}")
        holds = _holds(wheel)
        place = root / FOLDER / "wheels" / holds[:16] / wheel.name
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            draft = place.with_suffix(".part")
            shutil.copyfile(wheel, draft)
            draft.replace(place)
    release = str(version)
    if editable and source.is_dir():
        named += ", installed as an editable one"
    own = Wheel(package, release, place, holds, source if editable else None)
    return Candidate(package, release, named, own)


def _wheel_of(source: Path, folder: Path) -> Path:
    if source.is_dir() and not any(
        (source / one).exists() for one in ("pyproject.toml", "setup.py")
    ):
        raise WrongCandidate(f"{source}: no pyproject.toml and no setup.py, so no package")
    # Setuptools would build in the checkout, and take along what an earlier build left there.
    apart = folder / "setup.cfg"
    apart.write_text(f"[build]\nbuild_base = {folder / 'build'}\n", encoding="utf-8")
    build = "build", "--wheel", "--out-dir", str(folder), str(source)
    try:
        uv.run(*build, DIST_EXTRA_CONFIG=str(apart))
    except UvFailed as error:
        raise NotBuilt(f"cannot be built: {_last(error)}", error.said) from None
    return next(folder.glob("*.whl"))


def _last(error: UvFailed) -> str:
    """Return the last words of a build, before those of uv about it."""
    backend, _, _ = error.said.rpartition("\nerror: ")
    lines = [line.strip() for line in backend.splitlines() if line.strip()]
    return one_line(lines[-1], 400) if lines else str(error)


def _holds(wheel: Path) -> str:
    """Return the digest of what a wheel holds, whenever its files were written."""
    total = hashlib.sha256(wheel.name.encode())
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name in sorted(archive.namelist()):
                if not name.endswith(".dist-info/RECORD"):
                    content = archive.read(name)
                    total.update(f"\0{name}\0{len(content)}\0".encode() + content)
    except zipfile.BadZipFile as error:
        raise NotBuilt(f"{wheel.name} cannot be read: {error}") from None
    return total.hexdigest()
