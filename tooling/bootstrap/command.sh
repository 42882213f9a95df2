# Sourced by the commands in script/: go on under the Python of this machine, which sees
# to everything else.
cd "$(dirname "$0")/.." || exit 1
command -v python3 >/dev/null || { echo "$name: python3 is missing" >&2; exit 1; }
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "$name: python3 is older than 3.10" >&2; exit 1; }
exec python3 -B -m tooling.bootstrap "$name" "$@"
