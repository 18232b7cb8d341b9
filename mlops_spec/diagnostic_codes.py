"""What each code from MS050 on means that no rule of its own explains: the pages of ``mlops-spec explain MS120``.

The codes below MS050 stand with the refusals of ``source``, those of the rules with the rules.
"""

from __future__ import annotations

from typing import NamedTuple


class Explained(NamedTuple):
    """A code's one-line title, why it is a problem, and the way out."""

    title: str
    why: str
    way_out: str


LEFT_OUT = ("MS137", "MS140", "MS146")
"""As warnings, these say what is not rendered of a spec with which nothing is wrong."""

THE_REST = "everything else is rendered"
"""The hint of those that leave nothing to do."""

_FILES = {
    "MS050": Explained(
        "layers that extend each other",
        "A layer lies below the document that extends it; in a circle none would be the lowest.",
        "Take one of the `extends` out that the message lists.",
    ),
    "MS051": Explained(
        "apiVersion missing or unknown",
        "`apiVersion` freezes the defaults, so that a newer mlops-spec renders the same from the same spec.",
        "Begin every document with `apiVersion: mlops-spec/v1`.",
    ),
    "MS052": Explained(
        "unknown section",
        "A section that is not read would silently do nothing.",
        "Use the section that the message offers; free text belongs into `description`.",
    ),
    "MS053": Explained(
        "structure in an included file",
        "An included file is a part of its document, which says `apiVersion`, `extends`, `include` and `locked` once.",
        "Move the line into the document that includes the file, or use `extends` to put the file below it.",
    ),
    "MS054": Explained(
        "section in two files",
        "Whoever reads one file must know that it holds the whole section.",
        "Put all of the section into one of the files; to change values of a layer, use `extends`.",
    ),
    "MS055": Explained(
        "not a list of texts",
        "`extends`, `include` and `locked` are lists, also of one.",
        "Write `include: [monitors.mlops.yaml]`.",
    ),
    "MS056": Explained(
        "lock on nothing",
        "A misspelt path in `locked` protects nothing, and nobody would notice.",
        "Correct the section's name; `*` stands for one name, as in `environments.*.namespace`.",
    ),
    "MS057": Explained(
        "too many files",
        "Reading an untrusted spec must end within bounds.",
        "Join some of the files that `include` and `extends` name.",
    ),
    "MS058": Explained(
        "not the address of a layer",
        "A layer from elsewhere is a file of a Git repository, or an OCI artifact that is one file.",
        "Write `git+https://HOST/REPOSITORY//FILE?ref=REF` or `oci://REGISTRY/NAME:TAG`.",
    ),
    "MS059": Explained(
        "layer that is not here",
        "Nothing is fetched when a spec is read: layers from elsewhere are copies in the repository.",
        "Run `mlops-spec lock`, and commit the copy and the lock.",
    ),
    "MS068": Explained(
        "copy of a layer that was edited",
        "The lock pins what was brought; an edited copy would say what its owners have never said.",
        "Put the change into a layer above it, delete the copy, and run `mlops-spec lock`, which brings it back.",
    ),
}

_ENVIRONMENTS = {
    "MS060": Explained(
        "environment that is no map",
        "An environment is a name with what is particular to it.",
        "Write `dev: {}` where nothing is.",
    ),
    "MS061": Explained(
        "environment named project",
        "The folder `project` of the rendered tree holds what belongs to no environment.",
        "Choose another name.",
    ),
    "MS062": Explained(
        "too many environments", "Compiling an untrusted spec must end within bounds.", "Split the spec into several."
    ),
    "MS063": Explained(
        "section that cannot be overridden",
        "`overrides` changes resources and `platform`; variables, environments and files are decided before it.",
        "Set variables under `environments.<name>.variables`; move the rest out of `overrides`.",
    ),
    "MS064": Explained(
        "null that deletes nothing",
        "In a layer or in overrides `null` deletes what lies below; here nothing does, so a name may be misspelt.",
        "Correct the name, or take the line out.",
    ),
    "MS065": Explained(
        "override of nothing",
        "Overrides change what exists; of a misspelt name they would make a second, half a resource.",
        "Correct the name; to add something to one environment alone, write it in its section with `only: [<name>]`.",
    ),
    "MS066": Explained(
        "unknown environment in only or except",
        "With a misspelt environment a resource would be in too many, or in none.",
        "Use the name that the message offers, or declare the environment.",
    ),
    "MS067": Explained(
        "only and except together",
        "Each of them alone says for which environments something is.",
        "Keep one of the two.",
    ),
}

_LOCKED = {
    "MS070": Explained(
        "locked value changed",
        "The layer that locks a path decides its value: that keeps namespaces, clusters and stores with their owners.",
        "Take the line out, or ask the owners of the layer that the message names.",
    ),
    "MS071": Explained(
        "value of one's own under a lock",
        "Under a lock with `*` a new entry may only take a value that the locking layer itself sets there.",
        "Use one of the values that the message lists.",
    ),
}

_VALUES = {
    "MS080": Explained(
        "placeholder that cannot be read",
        "`${{ path }}` puts a value where it stands, and nothing else: no expressions, functions or defaults.",
        "Write `${{ section.name }}`; `$${{` is the text itself.",
    ),
    "MS081": Explained(
        "placeholder that names nothing",
        "There is no value at that path in this environment.",
        "Use the name that the message offers, or define the value.",
    ),
    "MS082": Explained(
        "variable without a value",
        "A variable has a default or a value in each environment; none is read from the machine.",
        "Set `variables.<name>.default`, or `environments.<environment>.variables.<name>`.",
    ),
    "MS083": Explained(
        "placeholder that names more than one value",
        "A map or list cannot stand inside a text, and an address must name a single value.",
        "Name one value in it, or let the placeholder be the whole value.",
    ),
    "MS084": Explained(
        "variable of another type",
        "A variable's type holds for its default and for every environment.",
        "Change the value, or the variable's `type`.",
    ),
    "MS085": Explained(
        "run-time value where none may stand",
        "Parameters, inputs, outputs, the run and secrets are known only while a pipeline runs: they are never read.",
        "Use a value that is known when compiling, such as a variable; or move the placeholder to a command or env.",
    ),
    "MS086": Explained(
        "values in a circle",
        "Each of these values waits for the next one.",
        "Give one of them a value of its own.",
    ),
    "MS087": Explained(
        "values that name one another for too long",
        "Reading an untrusted spec must end within bounds, and nobody could follow such a chain.",
        "Name the value at the end of the chain itself.",
    ),
    "MS088": Explained(
        "placeholders that put in too much",
        "Values that hold one another several times can make gigabytes of a few lines.",
        "Write less, or name long values in fewer places.",
    ),
}

_SHAPE = {
    "MS100": Explained(
        "unknown key",
        "A key that is not read would silently do nothing.",
        "Use the key that the message offers; `mlops-spec explain <address>` lists the keys there.",
    ),
    "MS101": Explained(
        "missing key", "Without it there is nothing to render.", "Add the line that the message offers."
    ),
    "MS102": Explained(
        "value of another type",
        "A number is no text and a list is no single value: systems that read them refuse, or guess.",
        "Write the value as the message says.",
    ),
    "MS103": Explained("value that is no choice", "Only the listed values mean something.", "Use one of them."),
    "MS104": Explained(
        "value of another form",
        "Durations, quantities, names, cron lines and URIs have forms that every backend understands.",
        "Write it as in the example of the message.",
    ),
    "MS105": Explained("number out of range", "Outside these bounds it means nothing.", "Choose a number within them."),
    "MS106": Explained(
        "too many, too few, too long or twice", "Bounds keep a compile short, and lists sets.", "Split or shorten it."
    ),
    "MS107": Explained(
        "bad name",
        "Names become names of objects, variables and files, which allow only some characters.",
        "Use small letters and digits: with hyphens in resources, with underscores in parameters, inputs and columns.",
    ),
    "MS108": Explained(
        "keys that exclude each other",
        "Together they say two things where only one can be.",
        "Keep one of them.",
    ),
    "MS109": Explained(
        "none of several keys", "One of them says what this is.", "Give it one of the keys that the message lists."
    ),
    "MS110": Explained(
        "key without its company", "The one means nothing without the other.", "Add the other, or take out the one."
    ),
    "MS111": Explained(
        "key without a value",
        "An empty value is null, which means nothing here.",
        "Write a value, or take out the key.",
    ),
}

_NAMES = {
    "MS120": Explained(
        "name that does not exist",
        "What is named must be defined, in the same environment.",
        "Use the name that the message offers, or define it.",
    ),
    "MS121": Explained(
        "name that is not in this environment",
        "What is named was left out here by `only` or `except`.",
        "Give both the same `only` or `except`.",
    ),
    "MS122": Explained(
        "name of another kind",
        "A field names things of one kind; this name is one of another.",
        "Name a thing of the right kind, or define it.",
    ),
    "MS123": Explained(
        "steps that wait for each other",
        "A step starts when the steps are done whose outputs it takes; in a circle none starts.",
        "Take one of the inputs or `after` out. A gate stands before every register, whether an edge says so or not.",
    ),
    "MS124": Explained(
        "output of a step that may be skipped",
        "Where `when` skips a step, it has no output that another one could read.",
        "Give the step that reads it the same `when`.",
    ),
    "MS129": Explained(
        "schedule that never comes, or is not the same to everyone",
        "No day of any year fits the cron line, it names a month or weekday that there is not, or its time zone does "
        "not exist: Kubernetes would refuse it, or never start anything. Or it says what readers of cron lines take "
        "differently: weekday 7, a step without an end (`5/10`), `L`, a day `*/2` beside a weekday.",
        "Correct the cron line (minute, hour, day of the month, month, weekday) or the name of the zone.",
    ),
}

_LOCK = {
    "MS112": Explained(
        "nothing to ask a registry for",
        "A line of the lock answers a question of the spec: which tag of an image, which alias or number of a model. "
        "An environment that promotes from another asks none: a promotion brings its version.",
        "Say what the message names, or pin the line by hand.",
    ),
    "MS113": Explained(
        "not in the registry",
        "The registry answers, and has no version or image of that name. An alias, or a tag that CI builds, may come "
        "later: its line stays unlocked until then. A number, or a tag of what others build, must be there.",
        "Correct the name, or register or push what it names; then run `mlops-spec lock` again.",
    ),
    "MS114": Explained(
        "registry that cannot be asked",
        "Half a lock would be reviewed as if it were whole, so that nothing is written.",
        "Mend what the message says: the address, the network, the credentials (MLflow's own variables for the model "
        "registry, `docker login` for images).",
    ),
    "MS115": Explained(
        "lock that is not as it should be",
        "`lock --check` holds the lock to its spec and to the registries: what is needed is pinned, what is pinned is "
        "there, and is the same. A tag of a base, or of what CI builds, may move: that is a warning.",
        "Run `mlops-spec lock`, or with `--upgrade` where something has moved and should.",
    ),
    "MS116": Explained(
        "version that cannot move now",
        "While a rollout is under way two versions share the requests, and a third would be measured against either. "
        "And an environment that promotes from another takes what was tried there.",
        "End the rollout with `rollout advance` or `rollout abort`, or promote the version.",
    ),
    "MS117": Explained(
        "version that no server can read",
        "Servers read models from object stores by themselves. A tracking server's own addresses (mlflow-artifacts:) "
        "and folders of one machine mean nothing to them, and a version without a run or a digest cannot be held to "
        "what was tried.",
        "Do what the message says: `--artifacts-destination` tells where a server that hands artifacts through keeps "
        "them.",
    ),
    "MS118": Explained(
        "model registry without an address",
        "The spec names no server that could be asked for versions, or one of a kind that is not read yet.",
        "Set `platform.tracking.uri` or `platform.registry.uri`, give --registry-uri, or write the line by hand.",
    ),
    "MS119": Explained(
        "file in the place of a copy",
        "`lock` brings layers from elsewhere as copies, and overwrites nothing that it has not brought itself.",
        "Keep what the file says in a layer of your own, delete it, and run `mlops-spec lock` again.",
    ),
    "MS130": Explained(
        "image without a digest",
        "A tag can move: what runs must be what was reviewed. In a protected environment this is an error.",
        "Run `mlops-spec lock`; `mlops-spec lock image` pins what was just built.",
    ),
    "MS131": Explained(
        "model without a version",
        "Serving runs what the lock says, never an alias; until then what needs the model is withheld.",
        "Run `mlops-spec lock` once the first version is registered.",
    ),
    "MS132": Explained(
        "lock line for nothing",
        "The lock pins something that the spec does not have: a left-over, or a misspelt name.",
        "Take the line out of mlops.lock.yaml, or correct the name.",
    ),
}

_MEANING = {
    "MS125": Explained(
        "image that no build could make",
        "Paths and images of a build stand in a Dockerfile, in a CI system's workflow and in a shell, each of which "
        "evaluates text in a way of its own: all read letters, digits and `. _ / - @ :` alike. And a build sees "
        "nothing outside of its context.",
        "Rename the file or folder that the message names, or move it below the context.",
    ),
    "MS126": Explained(
        "scoring that could not run",
        "A scoring reads and writes the stores that its engine knows, at URIs that hold no value but those of its run, "
        "with workers that have the memory to start.",
        "Change what the message names.",
    ),
    "MS127": Explained(
        "text that a dashboard would read as a variable",
        "The dashboard would put another text in its place, in what people read or in what is asked of the metrics.",
        "Write the text in another way: without the variable that the message names.",
    ),
    "MS128": Explained(
        "monitor that compares with nothing",
        "A text is new when the reference lacks it: without a reference every one would be, or none.",
        "Add `reference: <dataset>` to the monitor: the rows that the model was trained on.",
    ),
    "MS133": Explained(
        "a condition or a channel that the metrics system cannot have",
        "A condition in another unit than its metric, half an expression, or a channel's address that is no secret "
        "would never alert anybody, or alert them of something else.",
        "Write it as the message says.",
    ),
    "MS134": Explained(
        "a latency objective between two bounds of the histogram",
        "Servers count requests in buckets of fixed bounds: how many took less than another time cannot be known.",
        "Choose one of the bounds that the message lists.",
    ),
    "MS135": Explained(
        "fewer at most than at least",
        "No number of servers is both at least `min` and at most `max`.",
        "Raise `max`, or lower `min`: perhaps overrides changed one of them alone.",
    ),
    "MS140": Explained(
        "withheld",
        "Something that it needs is not there yet; the rest is rendered, so that a first deployment can start.",
        "Provide what the message names.",
    ),
    "MS141": Explained(
        "value that the orchestrator cannot carry",
        "The text would mean something to the orchestrator's own templates, and there is no way to escape it.",
        "Write the value in another way, or give it to the step as a file.",
    ),
    "MS142": Explained(
        "outputs without a place",
        "Every output has a URI below `platform.artifacts.uri`, which the orchestrator must be able to reach.",
        "Set `platform.artifacts.uri` to a store that the message lists.",
    ),
    "MS143": Explained(
        "reserved name",
        "`MLOPS_*` and the step `begin` carry what every step is given; by tags `mlops-spec.*` things are known again.",
        "Choose another name.",
    ),
    "MS144": Explained(
        "secret without a store",
        "The secrets backend fetches each secret from a store, and must know from which.",
        "Add `store: <name>` to the secret.",
    ),
    "MS145": Explained(
        "what a backend cannot do",
        "The chosen system has no way to say this; it is never dropped in silence and never approximated.",
        "Take it out, or choose another backend.",
    ),
    "MS146": Explained(
        "not built yet",
        "The language has it, this version of mlops-spec does not render it; what depends on it is withheld.",
        "Nothing is wrong with the spec; everything else is rendered.",
    ),
    "MS147": Explained(
        "rollout step that the spec lacks",
        "The lock says at which step of its canary a new version stands; without the step its weight is unknown.",
        "Put the strategy and its steps back until the rollout is done, or take `rollout` out of the lock.",
    ),
    "MS148": Explained(
        "requests that cannot be split",
        "Only one thing can split the requests of a model, and it must see them: those that come in by `expose`.",
        "Add `serving.expose`; end the test, or choose another strategy while it runs.",
    ),
    "MS149": Explained(
        "model that its server cannot read",
        "A server fetches its model itself, from the stores that it knows and with keys under the names that it knows.",
        "Lock a URI of a scheme that the message lists; let External Secrets name the keys, or use workload identity.",
    ),
}

_TEXT = {
    "MS136": Explained(
        "manifest that does not fit",
        "`manifests` brings one named object for the environment's own namespace.",
        "Give it apiVersion, kind and metadata.name, and no namespace of its own.",
    ),
    "MS137": Explained(
        "patch that matches nothing",
        "A patch that matches nothing would be forgotten on the day that its object is renamed.",
        "Correct the target's kind and name; a patch on a withheld object waits.",
    ),
    "MS138": Explained(
        "patch that does not fit",
        "An operation names a path that the rendered object does not have.",
        "Look at the object as it is rendered without the patch.",
    ),
    "MS139": Explained(
        "template at fault",
        "A template could not be printed: it is the product's, or one of your own below `templates`.",
        "Mend your template at the line named; if it is not yours, report it.",
    ),
    "MS180": Explained(
        "two things that come to one object",
        "Names are shortened and joined on their way to Kubernetes; two of them became the same.",
        "Give one of them another name.",
    ),
}

_VERIFIED = {
    "MS181": Explained(
        "rendered text that is no object",
        "What was rendered must read back as exactly one object, whatever values it holds.",
        "Mend the template; if it is not yours, report it.",
    ),
    "MS182": Explained(
        "object of another kind",
        "A template prints the kind and version that its name says, and no patch changes them.",
        "Mend the template, or take the operation out of the patch.",
    ),
    "MS183": Explained(
        "null in an object",
        "Null is read as a default by some readers and as a deletion by others.",
        "Leave the field out where it has no value.",
    ),
    "MS184": Explained(
        "object of another name or namespace",
        "Names and namespaces are decided by the spec: what else points to the object would miss it.",
        "Take the operation out of the patch; rename the thing in the spec instead.",
    ),
    "MS185": Explained(
        "kind that a manifest may not bring",
        "Manifests bring objects of the environment's own namespace: no Secret, Role, Application or cluster object.",
        "Use what the spec has for it, or ask those who run the cluster.",
    ),
    "MS186": Explained(
        "pod that breaks the rules",
        "Pods run as nobody, without privileges and host paths, from images by digest: an error where it is protected.",
        "Take out the field that the message names.",
    ),
    "MS187": Explained(
        "object that its CRD refuses",
        "The cluster would refuse it too.",
        "Mend the patch, the manifest or the template that says it.",
    ),
    "MS188": Explained(
        "folder without CRDs",
        "Nothing in it can be checked against.",
        "Name a folder of YAML files with one CustomResourceDefinition each.",
    ),
}

_WRITING = {
    "MS150": Explained(
        "rendered file edited by hand",
        "The next render would undo the edit, so nothing was written.",
        "Put the change into the spec (`patches`, `manifests`), then restore or delete the file.",
    ),
    "MS151": Explained(
        "file in the way", "It is not ours, so it is not overwritten.", "Move it away, or render into another folder."
    ),
    "MS152": Explained(
        "many deletions at once",
        "A mistake in a spec can take out half of what runs.",
        "If it is meant, run again with `--allow-prune`.",
    ),
    "MS153": Explained(
        "empty render",
        "Nothing was rendered, and an empty render never deletes.",
        "Check the spec; to be rid of the files, delete the folder yourself.",
    ),
    "MS154": Explained(
        "symlink at the output", "Following it could write elsewhere.", "Name the folder itself, or delete the symlink."
    ),
    "MS155": Explained(
        "file system refuses",
        "Disk full, read-only or not permitted; nothing was changed.",
        "Mend that, then run again.",
    ),
    "MS156": Explained("another run is writing", "Only one run writes at a time.", "Wait until it has ended."),
    "MS157": Explained(
        "work folder that is not ours", "Work in progress goes there.", "Delete what the message names, then run again."
    ),
    "MS158": Explained(
        "folder that cannot be replaced as a whole",
        "A tree is exchanged in one step, which this folder does not allow.",
        "Render into a folder below it.",
    ),
    "MS159": Explained(
        "folder changed meanwhile", "Someone else wrote into it at the same time; nothing was changed.", "Run again."
    ),
    "MS160": Explained("no repository", "Publishing makes commits.", "Run it in a clone, with Git installed."),
    "MS161": Explained("bad branch name", "Git takes no branch of that name.", "Choose a name such as main."),
    "MS162": Explained(
        "no commit to start from", "A new branch starts at HEAD, and there is no commit yet.", "Commit the spec first."
    ),
    "MS163": Explained(
        "detached HEAD", "There is no branch that HEAD is on.", "Name one with `--branch`, or check one out."
    ),
    "MS164": Explained(
        "merge or rebase under way", "Its state would be mixed up.", "Finish or abort it, then run again."
    ),
    "MS165": Explained(
        "another git is running",
        "index.lock is there, so the index may be half written.",
        "Wait until it has ended; if none runs, delete the lock file.",
    ),
    "MS166": Explained("submodule at the output", "Its files are another repository's.", "Publish to another folder."),
    "MS167": Explained(
        "ignored output", "Git ignores a file that should be committed.", "Un-ignore it, or publish to another folder."
    ),
    "MS168": Explained(
        "changes that are not committed",
        "Publishing would change a file that is checked out and edited.",
        "Commit, restore or move it, or publish to a branch that is not checked out.",
    ),
    "MS169": Explained(
        "nobody to commit as",
        "Git does not know a name and an address, and none is guessed.",
        "Set user.name and user.email with git config.",
    ),
    "MS170": Explained("branch moved meanwhile", "Someone else committed to it; nothing was changed.", "Run again."),
    "MS171": Explained(
        "symlink in the repository", "A rendered file should go there.", "Replace it by a folder, or publish elsewhere."
    ),
    "MS172": Explained("Git refused", "The message says why; nothing was changed.", "Mend that, then run again."),
    "MS173": Explained(
        "checked-out files did not follow",
        "The branches moved, but the files of a worktree could not be brought along.",
        "Mend what the message says, then run again to finish.",
    ),
}

_RUNNING = {
    "MS174": Explained(
        "secrets that nobody has given",
        "Steps are given secrets by name; on this machine they are read from a file that Git ignores.",
        "Write them into `.mlops-spec/secrets.yaml` beside the spec, as the message shows.",
    ),
    "MS175": Explained(
        "no MLflow to run with",
        "What judges a run, or registers a model, keeps its books in MLflow, on this machine too.",
        'Install it: `pip install "mlops-spec[runtime]"`.',
    ),
    "MS176": Explained(
        "environment that cannot be made",
        "Steps run in a virtual environment with the requirements of their image.",
        "Mend what the log that the message names says, then run again.",
    ),
    "MS177": Explained(
        "another run is under way", "One run of a spec goes on at a time on a machine.", "Wait until it has ended."
    ),
    "MS178": Explained(
        "file system that refuses", "A run keeps what it needs below `.mlops-spec/`.", "Mend what the message says."
    ),
    "MS179": Explained(
        "unknown revision",
        "Git knows no such commit here, or none that both sides come from; a shallow clone lacks the older ones.",
        "Fetch it (`git fetch origin main`, `git fetch --unshallow`), or name another one.",
    ),
}

_LIVE = {
    "MS501": Explained(
        "server that does not answer",
        "What is on a server can only be known, or changed, while it answers; what was done before stays done.",
        "Mend what the message says, or give the address that it has from here with --tracking-uri; then run again.",
    ),
    "MS502": Explained(
        "client that is not installed",
        "The clients of live servers are heavy, and rendering needs none of them.",
        "Install the extra that the message names.",
    ),
    "MS503": Explained(
        "server without an address",
        "An environment whose tracking server has no address, or is none of MLflow, has nothing to compare with.",
        "Set `platform.tracking.uri`, give --tracking-uri, or choose environments with --env.",
    ),
    "MS504": Explained(
        "thing that could not be brought about",
        "It belongs to another project, or the server refuses it; everything else was done.",
        "Mend what the message says, then run again: what is done already is left as it is.",
    ),
    "MS505": Explained(
        "cluster that does not answer",
        "What is live can only be compared while the API server answers, as Kubernetes does, and takes the credentials "
        "of the context.",
        "Mend what the message says (a VPN, a login that has expired), or name another context with --context.",
    ),
    "MS506": Explained(
        "right that is lacking in the cluster",
        "`status` and `diff --live` read each object and try it in a dry run, for which the API server asks the same "
        "rights as for an apply: `get`, `list`, `create` and `patch`. Nothing is written.",
        "Have the role granted that the how-to guide on what runs shows, or ask as somebody else.",
    ),
    "MS507": Explained(
        "no way to a cluster",
        "A cluster is asked that a context of the kubeconfig names; none is guessed.",
        "Name a context that the message lists with --context, or another kubeconfig with --kubeconfig.",
    ),
    "MS508": Explained(
        "object that the cluster refuses",
        "The API server has checked the object by the schema and the rules of its kind, as this cluster has them, and "
        "would not take it: a delivery would fail there.",
        "Mend the line that the message names: a patch, a file of `manifests`, a template, or a field of the spec.",
    ),
    "MS509": Explained(
        "kind that the cluster does not know",
        "The kind's CustomResourceDefinition is not installed, or in other versions.",
        "Install the operator that brings it, or choose another backend.",
    ),
    "MS510": Explained(
        "field that somebody else has set",
        "The API server remembers who has set each field of an object. Somebody else has set this one to another "
        "value, by hand or by a controller. Argo CD takes such fields over when it next syncs, and the value is lost; "
        "a plain server-side apply is refused as a conflict.",
        "Say the value in the spec where it shall stay. Where a controller shall decide, such as an autoscaler over "
        "`replicas`, take the field out of what is rendered, by a patch for one.",
    ),
    "MS511": Explained(
        "namespace that is not there yet",
        "In a namespace that is not there nothing can be tried: all of it is new, and what the cluster would refuse is "
        "not known.",
        "Make the namespace, or deliver once; or ask the cluster that has it.",
    ),
    "MS512": Explained(
        "object that cannot be changed in place",
        "A field differs that Kubernetes lets nobody change: the apply fails, until the object is deleted and made "
        "anew.",
        "Put the field back, or delete the object by hand when its work may stop. What Argo CD deletes first, such as "
        "a hook, needs neither.",
    ),
    "MS513": Explained(
        "environments of several clusters",
        "A context leads to one cluster, and the environments that are asked for lie in several.",
        "Ask one after the other: --env NAME --context CONTEXT.",
    ),
    "MS514": Explained(
        "object that cannot be tried",
        "An admission webhook of the cluster cannot be asked in a dry run, or whoever asks may not give the rights of "
        "a Role. What the cluster would say is not known, and the object is compared as it is rendered.",
        "Mend the webhook: one without side effects says `sideEffects: None`. Rights are compared whole by whoever has "
        "them.",
    ),
    "MS516": Explained(
        "version that no gate let pass",
        "A pipeline of the spec puts gates before it registers this model, and the version has come into the registry "
        "past them: by hand, or by another pipeline. Once it is in the lock, promotions carry it everywhere. Who has "
        "registered a version is told by its tags, `mlops-spec.project` and `mlops-spec.pipeline`, which `register` "
        "sets: a guard against mistakes, not against somebody who may write to the registry.",
        "Let the pipeline register what shall serve. A version that shall serve all the same, such as one from before "
        "there was a pipeline, is written into `mlops.lock.yaml` by hand, where a review sees it; `lock --check` warns "
        "of it.",
    ),
    "MS515": Explained(
        "object that a policy refuses",
        "The object is right by its schema, and an admission policy or webhook of the cluster, or a quota, says no.",
        "Mend what the policy asks for, or have whoever keeps it except the object.",
    ),
}

_FORGES = {
    "MS521": Explained(
        "no remote to push to",
        "A pull request is made of a branch that a remote has.",
        "Name the remote with --remote and its branch with --base.",
    ),
    "MS522": Explained(
        "remote that does not answer",
        "What is proposed begins at what the remote has now; Git reaches it as you do, but cannot ask for a password.",
        "Mend what the message says: `git fetch` must work without a question.",
    ),
    "MS523": Explained(
        "no forge to open a pull request on",
        "It is opened by the forge's own program: gh for GitHub, glab for GitLab.",
        "Install the program, say which forge it is with --forge, or make the branch alone with --branch.",
    ),
    "MS524": Explained(
        "forge that refuses",
        "The message says why, and whether the branch is pushed by then.",
        "Mend that, then run again: it goes on from there.",
    ),
    "MS525": Explained(
        "branch of somebody else's",
        "It has commits that an earlier run did not make, and they are not pushed over.",
        "Merge it, delete it, or name another branch with --branch.",
    ),
}

_COMMANDS = {
    "MS189": Explained(
        "version that cannot move",
        "A version moves from environment to environment as `promotes_from` says, one at a time, and back to one "
        "that the lock's history has.",
        "Do first what the message says, or edit the lock by hand.",
    ),
    "MS190": Explained(
        "no spec",
        "A command is about a spec file, or the `mlops.yaml` of a folder.",
        "Name one, or begin one with `mlops-spec init`.",
    ),
    "MS191": Explained("unknown environment", "The spec does not declare it.", "Use the name that the message offers."),
    "MS192": Explained("nothing to publish", "No environment renders anything.", "Add an environment or a resource."),
    "MS193": Explained(
        "unknown address",
        "Neither the spec nor the language has anything there.",
        "Use the name that the message offers.",
    ),
    "MS194": Explained(
        "line that cannot be explained",
        "It must be a line of a file that the spec renders: <environment>/<component>/<kind>-<name>.yaml:LINE.",
        "Name the file as `render` wrote it, and the spec with --spec.",
    ),
    "MS195": Explained(
        "stale file",
        "The file on disk is not what the spec renders now, so its lines may mean something else.",
        "Run `mlops-spec render` again.",
    ),
    "MS196": Explained("unknown code", "No problem has that code.", "Use a code as `mlops-spec lint` prints it."),
    "MS197": Explained(
        "spec that is there already",
        "`init` begins a spec, and never writes over one.",
        "Begin in another folder, or go on with the spec that is there.",
    ),
    "MS198": Explained(
        "no rollout to move",
        "`rollout advance` and `abort` move one rollout that the lock says is under way in the environment.",
        "Name the model where there are several; a rollout begins where the lock keeps the version before, as `from`.",
    ),
    "MS199": Explained(
        "line that cannot be edited",
        "An edit changes one value and leaves all else as it is; here it would change more, or nothing that is there.",
        "Write the value without the anchor or in another style, or change it by hand.",
    ),
    "MS601": Explained(
        "two specs, one folder",
        "Several specs are each rendered to a folder of their own below `--out`, named as the spec's own folder here. "
        "Two that would share one, or one within the other's, are refused before anything is written.",
        "Give each spec a folder of its own, or render one of them by itself.",
    ),
    "MS603": Explained(
        "two specs, one committed folder",
        "What a spec renders is committed to `<platform.delivery.path>/<environment>`, from the repository's root, and "
        "Argo CD deletes what is not there any more. Two specs of one folder would take turns in deleting what the "
        "other one runs.",
        'Give each a path, in a layer of all for example: `delivery: {path: "deploy/${{ project.name }}"}`.',
    ),
    "MS604": Explained(
        "folder of another project",
        "Each folder that is rendered says in its inventory which project it is of. Another project would delete all "
        "of it, and Argo CD then what runs.",
        "Set `platform.delivery.path`, or name another folder with --out. Where it is the same project by another "
        "name, run again with `--allow-prune`.",
    ),
    "MS605": Explained(
        "two specs of one project",
        "Applications, namespaces, experiments and tags of runs are named after the project and its environment: two "
        "specs with the same ones would take each other's.",
        "Give each a `project.name` of its own. Specs of one project may share no environment.",
    ),
    "MS606": Explained(
        "two specs, one namespace",
        "Each spec renders its namespace, with its labels and what may reach it, and has an Application for that. Two "
        "Applications of one object never agree: each takes it from the other, and the first to be deleted takes the "
        "namespace along.",
        "Set `environments.*.namespace` to one of its own, or leave it out: it is `<project>-<environment>` then.",
    ),
    "MS602": Explained(
        "process that was ended",
        "Many specs are worked on in several processes, and something has ended one: often for want of memory.",
        "Run again; the other specs are done. On one core (`taskset -c 0`) all is done in one process.",
    ),
}

CODES: dict[str, Explained] = {
    **_FILES,
    **_ENVIRONMENTS,
    **_LOCKED,
    **_VALUES,
    **_SHAPE,
    **_NAMES,
    **_LOCK,
    **_MEANING,
    **_TEXT,
    **_VERIFIED,
    **_WRITING,
    **_RUNNING,
    **_COMMANDS,
    **_LIVE,
    **_FORGES,
}
