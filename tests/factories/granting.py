"""A grant that nobody holds in the product, for a moment: what a rule says even to whoever held it."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.acting import Role
from engine.permissions import Scope, matrix


@contextmanager
def granted(entity: str, action: str, role: Role, scope: Scope = Scope.DEPARTMENT) -> Iterator[None]:
    """While the block runs, the role may do `action` to the entity's rows in `scope`."""
    matrix.add_grants([{"entity": entity, "action": action, role.value: scope.name.lower()}])
    try:
        yield
    finally:
        del matrix.grants[entity, action, role]
        matrix.add_grants([])  # what was worked out from the grant is forgotten
