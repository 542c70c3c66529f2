# What the cases with servers share: what those of pipeline share, and servers of their own.
load ../pipeline/helper
bats_require_minimum_version 1.5.0

serve() { # hosts|slurm ARGUMENT...: started in $servers; a case is skipped where they cannot be
	server=$BATS_TEST_DIRNAME/$1 servers=$BATS_TEST_TMPDIR/servers
	"$server" start "$servers" "${@:2}" 2>why || skip "$(tail -n 1 why)"
}
teardown() {
	[ -z "${server-}" ] || "$server" stop "$servers"
}
# Nothing of the servers is left: they are stopped, no process and no mount knows their folder.
gone() {
	"$server" stop "$servers"
	[ ! -e "$servers" ]
	! grep -F "$servers" /proc/mounts
	[ -z "$(find /proc/[0-9]*/fd /proc/[0-9]*/cwd -maxdepth 1 -lname "$servers/*" 2>/dev/null)" ]
	server=
}
until_true() { # SECONDS COMMAND...
	local i
	for ((i = 0; i < $1 * 10; i++)); do
		! "${@:2}" >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	echo "after $1 s still not: ${*:2}"
	return 1
}
