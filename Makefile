# The same commands as nox, for anyone with only Python 3.11 and make.
# nox and uv are installed in `.venv`, from requirements.txt, and again whenever that file changes.

.PHONY: help report sweep test browser site serve cite verify publish repros lint lock clean
.DEFAULT_GOAL := help

help: ## list these commands
	@$(CASEBOOK); sed -n 's/^\([a-z]*\):.*## /  make \1 | /p' Makefile | column -t -s '|' 2>/dev/null || sed -n 's/^\([a-z]*\):.*## /  make \1: /p' Makefile

report: ## run the experiments in every environment, build the site, print what was found
	@$(CASEBOOK); nox report

sweep: ## run the releases of the axes that are not up to date: make sweep [PACKAGE=...]
	@$(CASEBOOK); nox sweep -- $${PACKAGE:+"$$PACKAGE"}

test: ## run the tests
	@$(CASEBOOK); nox tests

browser: ## check every kind of page in Chromium
	@$(CASEBOOK); nox browser

site: ## build the site from the committed records, without running experiments
	@$(CASEBOOK); nox site

publish: ## publish the site as an edition: make publish [FOLDER=public]
	@$(CASEBOOK); nox publish -- $${FOLDER:+"$$FOLDER"}

lint: ## check formatting, style, types, and which room imports which
	@$(CASEBOOK); nox lint

serve: ## serve the site on localhost and rebuild it when files change
	@$(CASEBOOK); nox serve

cite: ## print a reply in Markdown: make cite CLAIM=... [PATTERN=...] [ENVIRONMENT=...] [DATABASE=...] [FULL=1]
	@$(CASEBOOK); nox cite -- $${CLAIM:+"$$CLAIM"} $${PATTERN:+"$$PATTERN"} \
		$${ENVIRONMENT:+--environment "$$ENVIRONMENT"} $${DATABASE:+--database "$$DATABASE"} \
		$${FULL:+--full}

verify: ## check whether a reply still holds: make verify FILE=... (or FILE=URL, or FILE=-)
	@$(CASEBOOK); nox verify -- $${FILE:+"$$FILE"}

repros: ## run the scripts that reproduce findings, all or the named ones: make repros [FINDING=...]
	@$(CASEBOOK); nox repros -- $${FINDING:+"$$FINDING"}

lock: ## resolve the locks again, all or one: make lock [NAME=...]
	@$(CASEBOOK); nox lock -- $${NAME:+"$$NAME"}

clean: ## remove everything that was built or installed; docs/results stays
	@$(CASEBOOK); rm -rf build .nox .venv .pytest_cache .ruff_cache .mypy_cache; \
		find . -name __pycache__ -prune -exec rm -rf {} +

# --- How ------------------------------------------------------------------------------------------
# Each recipe starts in the Makefile's folder, wherever make was called, whatever characters its path has.
# make itself exits with 2 on every failure, so a recipe's last line says the code and what it means.

CASEBOOK = eval "$$CASEBOOK_FUNCTIONS"
export CASEBOOK_MAKEFILE := $(MAKEFILE_LIST)

define CASEBOOK_FUNCTIONS
cd "$$(dirname "$${CASEBOOK_MAKEFILE# }")" || exit 1
unset PYTHONHOME PYTHONSAFEPATH

nox() {
    prepare || exit 1
    .venv/bin/python -m nox --session "$$@" && return
    code=$$?
    case $$1 in
        tests | browser | lint | lock | serve) echo "casebook: exit code $$code: $$1 failed, see above" >&2 ;;
        *) .venv/bin/python -m casebook explain "$$code" >&2 ;;
    esac
    exit "$$code"
}

prepare() {
    cmp -s requirements.txt .venv/requirements.txt && .venv/bin/python -c "" 2>/dev/null && return
    python=$$(find_python) || return
    echo "casebook: installing nox and uv into .venv with $$python" >&2
    rm -rf .venv
    "$$python" -m venv .venv >&2 || return
    env -u PIP_USER -u PIP_TARGET -u PIP_PREFIX -u PIP_ROOT -u PIP_CONSTRAINT -u PIP_REQUIREMENT \
        -u PIP_NO_DEPS -u PIP_NO_BINARY -u PIP_DRY_RUN \
        .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --require-hashes -r requirements.txt >&2 || return
    cp requirements.txt .venv/requirements.txt
}

find_python() {
    if [ "$$PYTHON" ]; then set -- "$$PYTHON"
    else set -- python3.11 python3 python3.12 python3.13 python3.14; fi
    for python; do
        "$$python" -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null || continue
        command -v "$$python" && return
    done
    echo "casebook: needs Python 3.11 or newer, and found none as $${PYTHON:-python3.11 or python3}:" \
        "install it, or name one: make PYTHON=/path/to/python3.11" >&2
    return 1
}
endef
export CASEBOOK_FUNCTIONS
