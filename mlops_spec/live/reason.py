"""What the system itself said, below all that libraries have said about it."""

from __future__ import annotations

from ssl import SSLCertVerificationError


def innermost(problem: BaseException) -> str:
    """Return why a request failed, in the words of what failed first."""
    while True:
        below = getattr(problem, "reason", None) or problem.__cause__ or problem.__context__
        if not isinstance(below, BaseException) or below is problem:
            break
        problem = below
    if isinstance(problem, SSLCertVerificationError):
        return f"its certificate is not to be trusted: {problem.verify_message}"
    text = str(problem.strerror or problem) if isinstance(problem, OSError) else str(problem)
    return text.rpartition(": ")[2] or type(problem).__name__
