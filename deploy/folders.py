"""Folders that a provision makes, and takes away again where nothing of anybody else lies in them."""

from __future__ import annotations

from pathlib import Path

from deploy.receipt import RECEIPT
from deploy.site import Site


def make_folder(site: Site, folder: str) -> None:
    """With those above it that are missing; each is in the receipt first."""
    missing = [path for path in (Path(folder), *Path(folder).parents) if not site.host.path(path).is_dir()]
    for path in reversed(missing):
        site.receipt.add("folders", str(path))
        site.host.path(path).mkdir(mode=0o755, exist_ok=True)


def remove_folders(site: Site) -> list[str]:
    """Delete those of the receipt that are empty, but not its own; gives in words what is left in the others."""
    left = []
    for folder in _deepest_first(site):
        path = site.host.path(folder)
        holds = sorted(inside.name for inside in path.iterdir()) if path.is_dir() else []
        if holds:
            left.append(f"the folder {folder}: it holds {', '.join(holds)}")
            continue
        if path.is_dir():
            path.rmdir()
        site.receipt.forget("folders", folder)
    return left


def remove_place(site: Site) -> list[str]:
    """The receipt and its folder, last of all; gives in words what is left there.

    Where the receipt went already, a removal was cut off right before its end.
    """
    place = site.host.path(RECEIPT.parent)
    ours = [folder for folder in (str(RECEIPT.parent), str(RECEIPT.parent.parent)) if _is_ours(site, folder)]
    ours = ours if site.receipt.is_there else [str(RECEIPT.parent)]
    site.receipt.delete()
    holds = sorted(inside.name for inside in place.iterdir()) if place.is_dir() else []
    if holds:
        return [f"the folder {RECEIPT.parent}: it holds {', '.join(holds)}, which edge-deploy has not made"]
    for folder in ours:
        path = site.host.path(folder)
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return []


def _is_ours(site: Site, folder: str) -> bool:
    return folder in site.receipt.names("folders")


def _deepest_first(site: Site) -> list[str]:
    """Without those that the receipt lies in, which are needed until it goes."""
    folders = [name for name in site.receipt.names("folders") if not RECEIPT.is_relative_to(name)]
    return sorted(folders, key=lambda name: name.count("/"), reverse=True)
