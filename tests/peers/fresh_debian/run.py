"""Types the install instructions on a fresh Debian, word for word: `make debian`.

It needs root, debootstrap and systemd-nspawn.

The first step of README is typed in the new system with a network.  Then the system is booted in a container of
systemd-nspawn, without a network, and everything else is typed there: the lines of systemd/README.md, the files of
docs/howto/postfix.md, and the lines of docs/howto/operate.md, while mail goes through Postfix and the service.

`pages` has what is typed; here is the machine it is typed on.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.peers.fresh_debian import pages

CHECKOUT = Path(__file__).parents[3]
MINUTES = 15  # until a booted system that does not end is stopped
NEEDS = ("debootstrap", "systemd-nspawn")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
UNIT = """\
[Unit]
Description=types the pages
After=multi-user.target postfix.service
[Service]
Type=oneshot
Environment=HOME=/root
WorkingDirectory=/root
ExecStart=/bin/bash /typed.sh
StandardOutput=append:/typed.log
StandardError=append:/typed.log
ExecStopPost=/bin/systemctl --no-block poweroff
"""


def main() -> int:
    wanted = argparse.ArgumentParser(prog="make debian", description=__doc__)
    wanted.add_argument("--suite", default="bookworm")
    wanted.add_argument("--folder", type=Path, default=CHECKOUT / ".debian")
    asked = wanted.parse_args()
    missing = [name for name in NEEDS if shutil.which(name) is None]
    if os.geteuid() != 0 or missing:
        print(f"make debian: needs root, and {' and '.join(NEEDS)} (Debian: systemd-container)", file=sys.stderr)
        return 1
    system = fresh(asked.folder, asked.suite)
    typed(system, pages.first_step())
    return booted(system, pages.the_rest())


def fresh(folder: Path, suite: str) -> Path:
    """A copy of a new system with Postfix, as an admin has it before sitmail; debootstrap runs once for a suite."""
    made, system = folder / f"{suite}.made", folder / "system"
    if not (made / "etc" / "postfix").is_dir():
        shutil.rmtree(made, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        run("debootstrap", "--include=ca-certificates,dbus,man-db", suite, made)
        borrow(made)
        inside(made, "apt-get update -q && apt-get install -q -y --no-install-recommends postfix")
    shutil.rmtree(system, ignore_errors=True)
    run("cp", "-a", made, system)
    borrow(system)
    run("git", "clone", "-q", CHECKOUT, system / "srv" / "sitmail.git")
    for name, text in pages.MACHINE.items():
        (system / name).write_text(text)
    return system


def borrow(system: Path) -> None:
    """What reaches the network from here: name servers, and the certificates this machine believes."""
    for name in ("/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt"):
        if Path(name).is_file():
            shutil.copyfile(name, system / name[1:])


def typed(system: Path, lines: list[str]) -> None:
    """Types lines in the new system, with a network, before it is booted."""
    for line in lines:
        print(f"# {line}", flush=True)
    inside(system, "cd /root\n" + "\n".join(lines))


def booted(system: Path, lines: list[str]) -> int:
    """Boots the system, types lines in it, shows what it said, and returns 0 if none of them failed."""
    (system / "typed.sh").write_text("\n".join(["set -eE", pages.SAYING, *lines, "echo ALL DONE\n"]))
    (system / "etc/systemd/system/typed.service").write_text(UNIT)
    target = system / "etc/systemd/system/multi-user.target.wants"
    target.mkdir(exist_ok=True)
    (target / "typed.service").symlink_to("/etc/systemd/system/typed.service")
    boot = ["systemd-nspawn", "--quiet", "-D", system, "--boot", "--register=no", "--keep-unit", "--private-network"]
    with (system / "console.log").open("wb") as console:
        try:
            subprocess.run(
                boot, stdin=subprocess.DEVNULL, stdout=console, stderr=console, timeout=60 * MINUTES, check=False
            )
        except subprocess.TimeoutExpired:
            print(f"the system did not end within {MINUTES} minutes", file=sys.stderr)
    log = system / "typed.log"
    said = log.read_text("utf-8", "replace") if log.exists() else (system / "console.log").read_text()
    print(said)
    return 0 if said.endswith("ALL DONE\n") else 1


def inside(system: Path, script: str) -> None:
    kept = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy") or name == "PIP_CERT"}
    environ = {**kept, "PATH": PATH, "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    run("mount", "--bind", "/proc", system / "proc")
    try:
        yes = subprocess.Popen(["yes"], stdout=subprocess.PIPE)  # apt-get asks whether to continue
        subprocess.run(["chroot", system, "bash", "-e", "-c", script], env=environ, stdin=yes.stdout, check=True)
    finally:
        yes.kill()
        yes.wait()
        run("umount", system / "proc")


def run(*command: str | Path) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main())
