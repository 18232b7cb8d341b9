"""The programs that rendered pipelines and jobs call, in the cluster and on one's own machine.

Each is told what to do by one document whose JSON Schema lies in ``schemas/runtime/``, says in one line of JSON what it
did, and may be run twice. They import nothing of the compiler but its contract, addresses of schemas and conditions.
"""
