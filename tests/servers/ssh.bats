load helper

# Two hosts, and the ssh that knows them.
two_hosts() {
	serve hosts hosta hostb
	PATH=$servers/bin:$PATH
}

@test "hosts: two of them, with homes and programs of their own" {
	two_hosts
	[ "$(ssh hosta pwd)" = "$(ssh hostb pwd)" ] || [ "$(id -u)" != 0 ]
	echo mine | ssh hosta 'cat >file'
	[ "$(ssh hosta 'cat ~/file')" = mine ]
	run -1 ssh hostb '[ -e file ]'
	if [ "$(id -u)" = 0 ]; then
		[ "$(ssh hostb hostname)" = hostb ]
		ssh hosta 'touch /tmp/file /run/file'
		run -1 ssh hostb '[ -e /tmp/file ] || [ -e /run/file ] || [ -e '"$PWD"' ]'
		[ ! -e /tmp/file ] && [ ! -e /run/file ]
	fi
	"$server" give "$servers" hosta "$(command -v hmm-show)"
	[[ $(ssh hosta hmm-show --version) == 'hmm-show '* ]]
	run -127 ssh hostb hmm-show --version
}

@test "hosts: streams pass unchanged, statuses too, and the caller's environment does not" {
	two_hosts
	head -c 3000000 /dev/urandom >bytes
	ssh hostb cat <bytes | cmp - bytes
	run -7 ssh hosta exit 7
	HMM_CPU=plain run -0 ssh hosta 'echo "<${HMM_CPU-}>"'
	[ "$output" = '<>' ]
}

@test "hosts: a folder that they share has its own name there" {
	mkdir shared
	echo here >shared/file
	SHARED=$PWD/shared
	export SHARED
	two_hosts
	[ "$(ssh hosta cat "$PWD/shared/file")" = here ]
	echo there | ssh hostb "cat >$PWD/shared/file"
	[ "$(ssh hosta cat "$PWD/shared/file")" = there ]
	[ "$(cat shared/file)" = there ]
}

@test "hosts: one crashes in the middle of a command, refuses, and comes back with its files" {
	two_hosts
	ssh hosta 'touch kept; echo begun; sleep 60' >said &
	until_true 10 grep begun said
	"$server" crash "$servers" hosta
	local code=0
	wait $! || code=$?
	[ $code = 255 ]
	run -255 ssh hosta true
	[[ $output == *refused* ]]
	ssh hostb true
	"$server" boot "$servers" hosta
	ssh hosta '[ -e kept ]'
	[ -z "$(ssh hosta 'ps ax' | grep '[s]leep 60')" ]
}

@test "hosts: one hangs; only asking whether it lives ends a connection" {
	two_hosts
	ssh -o ServerAliveInterval=1 -o ServerAliveCountMax=2 hosta 'echo begun; sleep 60' >said 2>&1 &
	until_true 10 grep begun said
	"$server" hang "$servers" hosta
	local code=0
	wait $! || code=$?
	[ $code = 255 ]
	code=0
	timeout 2 ssh hosta true || code=$?
	[ $code = 124 ]
	run -255 ssh -o ConnectTimeout=1 hosta true
	"$server" wake "$servers" hosta
	ssh hosta true
}

@test "hosts: nothing is left of them" {
	two_hosts
	ssh hosta 'sleep 77; true' &
	until_true 10 pgrep -f '^sleep 77'
	gone
	wait $! || true
	[ -z "$(pgrep -f '^sleep 77')" ]
}
