"""Templates given as text, and nodes to print."""

import pytest

from mlops_spec.blueprint.ports import file
from mlops_spec.model.node import Node
from mlops_spec.render.environment import Templates


@pytest.fixture
def node():
    """A node with any attributes; its address is empty unless it is given."""
    return lambda **attributes: Node(**{"address": "", **attributes})


@pytest.fixture
def show():
    """Print one template, given as text, with values."""

    def show(text, /, ending="yaml", shared=None, **values):
        return Templates({f"t.{ending}.j2": text, **(shared or {})}).render(file(f"t.{ending}.j2", **values))

    return show
